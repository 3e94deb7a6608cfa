/** Images come from anywhere: what has the wrong type, or holds a NUL that no program could get, isn't there. */
export function textOf(value: unknown): string {
  return isText(value) ? value : "";
}

/** All of them, or none at all. */
export function textsOf(value: unknown): string[] | null {
  return Array.isArray(value) && value.every(isText) ? [...value] : null;
}

export function textMapOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => isText(entry[1])),
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}
