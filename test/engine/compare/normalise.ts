/** What differs from one run to the next by nature, in words that don't. */
export function normalise(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{64}\b/g, "<id>")
    .replaceAll(/\b[0-9a-f]{12}\b/g, "<id>")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, "<time>")
    .replaceAll(/\b(less than a second|about a minute|\d+ (seconds?|minutes?))\b/gi, "<while>")
    .replaceAll(/\b\d+(\.\d+)?(B|kB|MB|GB)\b/g, "<size>")
    .replaceAll(/\/tmp\/bc-[^/\s:'"]+/g, "<tmp>")
    .replaceAll(/172\.\d+\.\d+\.\d+/g, "<address>")
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
}
