import type { Io } from "../io.ts";
import { UsageError } from "../usage-error.ts";

/** Whether the person at the terminal says yes. Throws UsageError where there is none to ask. */
export async function askYes(
  { stdin, stderr }: Pick<Io, "stdin" | "stderr">,
  question: string,
): Promise<boolean> {
  if (stdin?.isTTY !== true) throw new UsageError(`${question} There is no terminal to ask: say --yes`);
  stderr.write(`${question} [y/N] `);
  let answer = "";
  for await (const part of stdin) {
    answer += String(part);
    if (answer.includes("\n")) break;
  }
  stdin.unref?.();
  return /^\s*y(es)?\s*$/i.test(answer.split("\n", 1)[0] ?? "");
}
