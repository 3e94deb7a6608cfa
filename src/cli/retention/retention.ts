import { runConfigVerb, type ConfigVerb } from "../config-verb.ts";
import type { Io } from "../io.ts";
import { preview } from "./preview.ts";
import { run } from "./run.ts";

const table: ReadonlyMap<string, ConfigVerb> = new Map([
  ["preview", preview],
  ["run", run],
]);

/** `berth retention`: removes tags that no rule keeps, or says which those are. */
export function retention(argv: readonly string[], io: Io): Promise<number> {
  return runConfigVerb("retention", table, argv, io);
}
