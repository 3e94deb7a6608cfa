import { AppError } from "#core/errors.ts";
import { runProgram } from "#kit/run-program.ts";

const patience = 10_000;

/**
 * ps(1) on this host with docker's arguments, its rows cut down to `pids`. Throws engine-failed with ps' own words,
 * engine-invalid without a PID column: then nothing says which rows are the container's.
 */
export async function top(
  pids: readonly number[],
  args: string,
): Promise<{ titles: string[]; processes: string[][] }> {
  const words = args.trim() === "" ? ["-ef"] : args.trim().split(/\s+/);
  const { code, stdout, stderr } = await runProgram("ps", words, { timeout: patience }).catch(
    (error: unknown) => {
      throw new AppError("engine-failed", "error running ps: it isn't installed (apt-get install procps)", {
        cause: error,
      });
    },
  );
  if (code !== 0) throw new AppError("engine-failed", `error running ps: ${(stderr || stdout).trim()}`);
  const [head = "", ...rows] = stdout.split("\n").filter((line) => line.trim() !== "");
  const titles = head.trim().split(/\s+/);
  const place = titles.indexOf("PID");
  if (place < 0) throw new AppError("engine-invalid", "Couldn't find PID field in ps output");
  const wanted = new Set(pids.map(String));
  const processes = rows
    .map((row) => cells(row, titles.length))
    .filter((row) => wanted.has(row[place] ?? ""));
  return { titles, processes };
}

/** The last column holds spaces. */
function cells(row: string, columns: number): string[] {
  const words = row.trim().split(/\s+/);
  return words.length <= columns
    ? words
    : [...words.slice(0, columns - 1), words.slice(columns - 1).join(" ")];
}
