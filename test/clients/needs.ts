import { findProgram } from "./find-program.ts";
import { clients } from "./table.ts";

/**
 * Test options that skip a test, saying why, where one of the clients that it drives is not there.
 * `test("…", needs("skopeo", "crane"), async () => { … })`
 */
export function needs(...names: string[]): { skip: string | false } {
  const reasons = names.map(whyNot).filter((reason) => reason !== undefined);
  return { skip: reasons.length > 0 && reasons.join("; ") };
}

/** Why a client can't be used here and what to do about it, in one line; undefined when it can. */
export function whyNot(name: string): string | undefined {
  const client = clients.get(name);
  if (client === undefined) throw new Error(`${name} is not in test/clients/table.ts: add it there`);
  const missing = client.programs.filter((program) => findProgram(program) === undefined);
  if (missing.length > 0) return `${name}: ${missing.join(", ")} not found. Get it: ${client.get}`;
  if (client.root && process.getuid?.() !== 0) return `${name}: its tests need root`;
  return undefined;
}
