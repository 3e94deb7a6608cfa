import { runConfigVerb, type ConfigVerb } from "../config-verb.ts";
import type { Io } from "../io.ts";
import { add } from "./add.ts";
import { list } from "./list.ts";
import { remove } from "./remove.ts";
import { sync } from "./sync.ts";

const table: ReadonlyMap<string, ConfigVerb> = new Map([
  ["add", add],
  ["sync", sync],
  ["list", list],
  ["remove", remove],
]);

/** `berth mirror`: keeps repositories of upstreams warm. */
export function mirror(argv: readonly string[], io: Io): Promise<number> {
  return runConfigVerb("mirror", table, argv, io);
}
