import { AppError } from "#core/errors.ts";
import { runProgram } from "#kit/run-program.ts";
import { findProgram } from "#kit/find-program.ts";
import { giveControllersToV1 } from "./hybrid-cgroups.ts";
import { probe } from "./probe.ts";

export interface PickedRuntime {
  name: "crun" | "runc";
  program: string;
  version: string;
}

/** The line that installs everything the engine is made of. */
export const installLine = "apt-get install crun conmon iproute2 iptables tini";

/** Everything else that is called, with what it is there for. */
const companions = ["conmon", "perl", "ip", "iptables", "iptables-restore", "nsenter", "mount", "tar"];

/**
 * The runtime that works here: crun, for it is twice as fast, else runc. Throws unavailable with what is missing.
 * @param folder for the try
 */
export async function pickRuntime(
  root: string,
  folder: string,
  prefer: "crun" | "runc" | undefined,
  log: (message: string) => void,
): Promise<PickedRuntime> {
  if (process.getuid?.() !== 0)
    throw new AppError(
      "unavailable",
      "The engine needs root: start it as root, or leave it off (engine.enabled: false).",
    );
  const missing = companions.filter((name) => findProgram(name) === undefined);
  const order = prefer === "runc" ? (["runc", "crun"] as const) : (["crun", "runc"] as const);
  const found = order.flatMap((name) => {
    const program = findProgram(name);
    return program === undefined ? [] : [{ name, program }];
  });
  if (found.length === 0) missing.unshift("crun (or runc)");
  if (missing.length > 0)
    throw new AppError(
      "unavailable",
      `The engine can't run containers without ${missing.join(", ")}. On Debian and Ubuntu: ${installLine}`,
    );
  const refusals: string[] = [];
  for (const { name, program } of found) {
    const refusal = await tried(name, program, root, folder, log);
    if (refusal === undefined) return { name, program, version: await versionOf(program) };
    log(`${name} can't make containers here: ${refusal}`);
    refusals.push(`${name} says: ${refusal}`);
  }
  throw new AppError(
    "unavailable",
    `The engine can't make containers on this host. ${refusals.join("; ")}. ${
      found.length === 1
        ? `Another runtime may work: apt-get install ${found[0]?.name === "crun" ? "runc" : "crun"}`
        : ""
    }`.trim(),
  );
}

/** @returns its words when it can't. */
async function tried(
  name: string,
  program: string,
  root: string,
  folder: string,
  log: (message: string) => void,
): Promise<string | undefined> {
  const words = await probe(program, root, folder);
  if (words === undefined || !/hybrid mode/.test(words)) return words;
  try {
    const mounted = await giveControllersToV1();
    if (mounted.length === 0) return words;
    log(
      `${name} refuses hosts whose cgroups are half v1, half v2, so ${mounted.join(", ")} is mounted as v1 below /sys/fs/cgroup now`,
    );
  } catch (error) {
    return `${words} (mounting its controllers as v1 fails: ${(error as Error).message})`;
  }
  return probe(program, root, folder);
}

/** `crun version 1.8.1`, `runc version 1.1.5+ds1` */
async function versionOf(program: string): Promise<string> {
  const { stdout } = await runProgram(program, ["--version"]);
  return /version (\S+)/.exec(stdout)?.[1] ?? "unknown";
}
