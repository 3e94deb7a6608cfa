import { runConfigVerb, type ConfigVerb } from "../config-verb.ts";
import type { Io } from "../io.ts";
import { list } from "./list.ts";
import { pin, unpin } from "./pin.ts";
import { removed } from "./removed.ts";
import { restore } from "./restore.ts";

const table: ReadonlyMap<string, ConfigVerb> = new Map([
  ["list", list],
  ["removed", removed],
  ["restore", restore],
  ["pin", pin],
  ["unpin", unpin],
]);

/** `berth tag`: tags, those that were removed and may come back, and pins. */
export function tag(argv: readonly string[], io: Io): Promise<number> {
  return runConfigVerb("tag", table, argv, io);
}
