import { EXIT, type Io } from "../io.ts";
import { paint } from "../terminal/paint.ts";
import { Refusal } from "#adapters/engine-client/refusal.ts";

/** Does the same to all that are named, and says which of them failed; the others go on. */
export async function eachOf(
  names: readonly string[],
  io: Io,
  work: (name: string) => Promise<void>,
): Promise<number> {
  let code: number = EXIT.ok;
  for (const name of names) {
    try {
      await work(name);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      io.stderr.write(`${paint("red", `berth: ${error.message}`, io.stderr, io)}\n`);
      code = EXIT.failure;
    }
  }
  return code;
}
