import type { Config } from "#config/config.ts";
import type { Io } from "../io.ts";
import type { Flags, FlagSpec } from "../parse-flags.ts";

/** What `berth mirror add` is to `berth mirror`. */
export interface MirrorVerb {
  /** As the help spells them. */
  operands: readonly string[];
  flags: Readonly<Record<string, FlagSpec>>;
  /** Checks the flags; gives what then runs with the configuration: its exit code. Throws UsageError. */
  prepare(given: { operands: readonly string[]; flags: Flags; io: Io }): (config: Config) => Promise<number>;
}
