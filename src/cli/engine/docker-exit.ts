import type { Io } from "../io.ts";
import { paint } from "../terminal/paint.ts";

/** What docker ends with when it isn't the container's program that failed. */
const engineFailed = 125;

/** The exit code that says why a container's program couldn't be started: 127 there is none, 126 it can't be run. */
export function startFailureCode(message: string): number {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  if (/permission denied|is a directory/.test(message)) return 126;
  return engineFailed;
}

/** Runs a verb that ends as a container's program does; what goes wrong before that is 125, in words. */
export async function asDockerExits(verb: string, io: Io, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    io.stderr.write(`${paint("red", `berth: ${error.message}`, io.stderr, io)}\n`);
    if (error.name === "UsageError") io.stderr.write(`Try "berth help ${verb}".\n`);
    return engineFailed;
  }
}
