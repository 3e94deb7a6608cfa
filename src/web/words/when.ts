const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400_000],
  ["month", 30 * 86_400_000],
  ["week", 7 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** `3 hours ago`, `in 6 days`. @param now ms since the epoch, as `time` */
export function when(time: number, now: number): string {
  const apart = time - now;
  for (const [unit, length] of steps) {
    if (Math.abs(apart) >= length) return relative.format(Math.trunc(apart / length), unit);
  }
  return apart > 5_000 ? "in a moment" : "just now";
}
