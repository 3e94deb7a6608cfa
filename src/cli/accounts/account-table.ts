import type { Io } from "../io.ts";
import { paint } from "../terminal/paint.ts";

/** A plain table on stdout: a header, then a line for each row; `nothing` where there is none. */
export function printTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  nothing: string,
  io: Io,
): void {
  if (rows.length === 0) {
    io.stderr.write(`${nothing}\n`);
    return;
  }
  const widths = header.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => (row[at] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  io.stdout.write(`${paint("bold", line(header), io.stdout, io)}\n`);
  for (const row of rows) io.stdout.write(`${line(row)}\n`);
}

/** JSON for machines, on stdout. */
export function printJson(value: unknown, io: Io): void {
  io.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** A time of the API (ISO 8601 or null) as people read it. */
export function day(time: string | null): string {
  return time === null ? "never" : time.slice(0, 16).replace("T", " ");
}
