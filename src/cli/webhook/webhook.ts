import { runConfigVerb, type ConfigVerb } from "../config-verb.ts";
import type { Io } from "../io.ts";
import { drop } from "./drop.ts";
import { list } from "./list.ts";
import { replay } from "./replay.ts";
import { test } from "./test.ts";

const table: ReadonlyMap<string, ConfigVerb> = new Map([
  ["list", list],
  ["test", test],
  ["replay", replay],
  ["drop", drop],
]);

/** `berth webhook`: who is told of what happens, and what they didn't take. */
export function webhook(argv: readonly string[], io: Io): Promise<number> {
  return runConfigVerb("webhook", table, argv, io);
}
