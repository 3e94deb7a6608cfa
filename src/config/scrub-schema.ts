import { bytes, section, time } from "./fields.ts";
import * as values from "./values.ts";

/** The `scrub` section. */
export const scrubSchema = section({
  enabled: values.yesOrNo().prefault(true),
  every: time("30d", "1s", 3650 * 86_400_000),
  bytes_per_second: bytes("1KiB", "1TiB", "20MiB"),
});
