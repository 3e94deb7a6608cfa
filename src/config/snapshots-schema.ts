import { parseDuration, formatDuration } from "./duration.ts";
import { keyFacts, section } from "./fields.ts";
import { Unreadable, quoted } from "./unreadable.ts";
import * as values from "./values.ts";

const shortest = 60_000;
const longest = 3650 * 86_400_000;

/** The `snapshots` section. */
export const snapshotsSchema = section({
  every: values
    .reading(parseEvery)
    .prefault("24h")
    .register(keyFacts, { show: (ms: number) => (ms === 0 ? "off" : formatDuration(ms)) }),
  keep: values.wholeNumber(1, 10_000).prefault(7),
  before_upgrade: values.yesOrNo().prefault(true),
});

function parseEvery(value: unknown): number {
  if (value === "off" || value === false) return 0;
  const ms = parseDuration(value);
  if (ms >= shortest && ms <= longest) return ms;
  throw new Unreadable(`${quoted(value)}: must be between 1m and ${longest / 86_400_000}d; or write off`);
}
