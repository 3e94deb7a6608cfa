import { AppError } from "#core/errors.ts";
import { runProgram } from "#kit/run-program.ts";

/** Runs one of the kernel's tools; throws engine-failed with its words. @returns its output. */
export async function tool(program: string, args: readonly string[], input?: string): Promise<string> {
  const options = { timeout: 30_000, most: 64 * 1024 * 1024, ...(input === undefined ? {} : { input }) };
  let end;
  try {
    end = await runProgram(program, args, options);
  } catch (error) {
    throw new AppError(
      "engine-failed",
      `networks need the program ${program}, which can't be run here: install it`,
      { cause: error },
    );
  }
  if (end.code === 0) return end.stdout;
  const words = end.stderr.trim().split("\n")[0] ?? "";
  throw new AppError(
    "engine-failed",
    `${program} failed: ${words === "" ? `exit code ${end.code}` : words}`,
    {
      cause: new Error(`${program} ${args.join(" ")}\n${input ?? ""}\n${end.stderr}`),
    },
  );
}

/** Several commands of ip(8) in one process, stopping at the first that fails. @param pid in whose network namespace. */
export async function ipBatch(commands: readonly string[], pid?: number): Promise<void> {
  const input = `${commands.join("\n")}\n`;
  if (pid === undefined) await tool("ip", ["-batch", "-"], input);
  else await tool("nsenter", ["-t", String(pid), "-n", "ip", "-batch", "-"], input);
}
