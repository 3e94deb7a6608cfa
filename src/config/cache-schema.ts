import { keyFacts, section } from "./fields.ts";
import { formatSize } from "./size.ts";
import * as values from "./values.ts";

/** The `cache` section. */
export const cacheSchema = section({
  max_bytes: values.size("1KiB", "1024TiB").optional().register(keyFacts, { show: formatSize }),
  high_water: values.wholeNumber(1, 100).prefault(95),
  low_water: values.wholeNumber(0, 99).prefault(85),
});

/** Eviction goes down from the one to the other. */
export function cacheFaults({
  high_water,
  low_water,
}: (typeof cacheSchema)["_output"]): { key: string; message: string }[] {
  if (low_water < high_water) return [];
  return [
    {
      key: "cache.low_water",
      message: `is ${low_water} percent and must be less than cache.high_water, which is ${high_water}`,
    },
  ];
}
