import { plainText } from "../terminal/plain-text.ts";

/** A table as docker prints it: columns three blanks apart, the head in capitals. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows.map((row) => row.map(plainText))];
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join("   ")
          .trimEnd()}\n`,
    )
    .join("");
}

const steps: readonly (readonly [most: number, seconds: number, name: string])[] = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [48 * 3600, 3600, "hour"],
  [14 * 86_400, 86_400, "day"],
  [90 * 86_400, 7 * 86_400, "week"],
  [730 * 86_400, 30 * 86_400, "month"],
  [Infinity, 365 * 86_400, "year"],
];

/** `3 minutes ago`. @param created Unix seconds. */
export function ago(created: number, now: number = Date.now() / 1000): string {
  const seconds = Math.max(0, now - created);
  const [, unit, name] = steps.find(([most]) => seconds < most) ?? [0, 1, "second"];
  const count = Math.floor(seconds / unit);
  return `${count} ${name}${count === 1 ? "" : "s"} ago`;
}
