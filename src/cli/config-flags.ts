import type { FlagValue } from "#config/load-config.ts";
import type { Flags, FlagSpec } from "./parse-flags.ts";

/** The flags of every verb that reads the configuration. */
export const CONFIG_FLAGS = {
  config: { type: "string" },
  listen: { type: "string", multiple: true },
  data: { type: "string" },
  workers: { type: "string" },
  "log-level": { type: "string" },
} as const satisfies Record<string, FlagSpec>;

/** Which key each flag sets. */
export type FlagKeys = readonly (readonly [flag: string, key: string])[];

const KEYS: FlagKeys = [
  ["listen", "listen"],
  ["data", "data"],
  ["workers", "workers"],
  ["log-level", "log.level"],
];

/** The configuration keys that the flags set. */
export function flagValues(flags: Flags, keys: FlagKeys = KEYS): FlagValue[] {
  return keys.flatMap(([flag, key]) => {
    const values = flags.get(flag);
    return values === undefined ? [] : [{ flag: `--${flag}`, key, values }];
  });
}
