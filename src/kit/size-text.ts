const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes for people, three digits at most: `0 B`, `999 B`, `1.5 MiB`, `120 GiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
