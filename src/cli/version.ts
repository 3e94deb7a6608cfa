import { packageVersion } from "#app/package-version.ts";
import { printHelp } from "./help.ts";
import { EXIT, type Io } from "./io.ts";
import { parseFlags } from "./parse-flags.ts";

/** `berth version`: of Berth, of the Node that runs it, and what it runs from. */
export async function version(argv: readonly string[], io: Io): Promise<number> {
  const flags = parseFlags(argv, { json: { type: "boolean" } });
  if (flags.has("help")) return await printHelp(["version"], io);
  const facts = {
    version: await packageVersion(),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    runs: io.machine.fromSource ? "sources" : "package",
  };
  const text = `berth ${facts.version} (Node ${facts.node}, ${facts.platform}, ${facts.runs})`;
  io.stdout.write((flags.has("json") ? JSON.stringify(facts) : text) + "\n");
  return EXIT.ok;
}
