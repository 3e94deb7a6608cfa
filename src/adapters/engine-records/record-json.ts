/**
 * A record as JSON. A bigint is `{"$bigint": "5"}`; keys of the record that begin with `$` (a user's label may) get
 * a second one, so that no record can be taken for that.
 */
export function writeRecord(record: unknown): string {
  return JSON.stringify(record, (_key, value: unknown) => {
    if (typeof value === "bigint") return { $bigint: value.toString() };
    return isPlain(value) && Object.keys(value).some(isSpecial) ? renamed(value, (key) => `$${key}`) : value;
  });
}

/** What `writeRecord` wrote; properties that were undefined are absent. Throws SyntaxError for other text. */
export function readRecord<T>(text: string): T {
  return JSON.parse(text, (_key, value: unknown) => {
    if (!isPlain(value)) return value;
    const keys = Object.keys(value);
    if (keys.length === 1 && typeof value.$bigint === "string") return BigInt(value.$bigint);
    return keys.some(isSpecial) ? renamed(value, (key) => key.slice(1)) : value;
  }) as T;
}

const isSpecial = (key: string) => key.startsWith("$");

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function renamed(value: Record<string, unknown>, name: (key: string) => string) {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [isSpecial(key) ? name(key) : key, inner]),
  );
}
