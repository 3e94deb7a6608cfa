import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { runChild } from "./child.ts";

const cache = join(homedir(), ".cache/berth-tools/bin");
const distribution3 = "github.com/distribution/distribution/v3/cmd/registry@v3.1.2";

/** Path of an installed program, or undefined. System folders count though they may be missing in PATH. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  for (const folder of folders) {
    const file = join(folder, name);
    if (folder !== "" && (await isProgram(file))) return file;
  }
  return undefined;
}

/** Distribution 3: as the flag says, as the environment says, or from the tools' cache. */
export async function findDistribution3(
  flag: string | undefined,
  install: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  const named = flag ?? process.env["BENCH_DISTRIBUTION3"];
  if (named !== undefined) return await namedProgram(named, "Distribution 3");
  const cached = join(cache, "registry");
  if (await isProgram(cached)) return cached;
  if (!install) return undefined;
  await runChild({
    command: "go",
    args: ["install", distribution3],
    limit: 15 * 60_000,
    signal,
    // Go's own settings (proxy, module cache) count here.
    env: { ...process.env, GOBIN: cache },
  });
  return cached;
}

/** A program named by a flag must be there. */
export async function namedProgram(file: string, what: string): Promise<string> {
  if (await isProgram(file)) return file;
  throw new Error(`${what}: ${file} is not a program; name its binary`);
}

/** The first version number that the program tells of itself. */
export async function versionOf(command: string, flag: string, signal: AbortSignal): Promise<string> {
  const { stdout, stderr } = await runChild({ command, args: [flag], limit: 20_000, signal });
  return /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0] ?? "of unknown version";
}

async function isProgram(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
