import { AppError } from "#core/errors.ts";

/**
 * Reads a JSON object of a client, one field at a time. Absent, null and (for texts) "" are the default. A value of the
 * wrong type is engine-invalid with the words of docker's decoder. Texts never hold a NUL: no program could get one.
 */
export interface JsonFields {
  has(key: string): boolean;
  text(key: string): string;
  flag(key: string): boolean;
  /** @param least smallest that the type can hold. */
  whole(key: string, least?: number): number;
  texts(key: string): string[];
  /** A list of texts, or one text instead of it; null: there is none. */
  words(key: string): string[] | null;
  /** The fields of an object; undefined: there is none. */
  object(key: string): JsonFields | undefined;
  objects(key: string): JsonFields[];
  textMap(key: string): Record<string, string>;
  /** The keys of an object whose values say nothing. */
  keys(key: string): string[];
  /** Key → list of objects. */
  lists(key: string): [string, JsonFields[]][];
  raw(key: string): unknown;
}

/** @param within the struct of docker's that messages name. */
export function jsonFields(body: Readonly<Record<string, unknown>>, within: string): JsonFields {
  const at = (key: string): unknown => (Object.hasOwn(body, key) ? body[key] : undefined);

  function wrong(value: unknown, key: string, type: string): AppError {
    return new AppError(
      "engine-invalid",
      `json: cannot unmarshal ${kindOf(value)} into Go struct field ${within}.${key} of type ${type}`,
    );
  }

  function asText(value: unknown, key: string): string {
    if (value === null || value === undefined) return "";
    if (typeof value !== "string") throw wrong(value, key, "string");
    if (value.includes("\0"))
      throw new AppError("engine-invalid", `${within}.${key} must not hold a NUL character`);
    return value;
  }

  function asObject(value: unknown, key: string): Record<string, unknown> | undefined {
    if (value === null || value === undefined) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) throw wrong(value, key, "object");
    return value as Record<string, unknown>;
  }

  function asList(value: unknown, key: string, of: string): unknown[] {
    if (value === null || value === undefined) return [];
    if (!Array.isArray(value)) throw wrong(value, key, `[]${of}`);
    return value as unknown[];
  }

  const below = (value: Record<string, unknown>, key: string) => jsonFields(value, `${within}.${key}`);

  function asObjects(value: unknown, key: string): JsonFields[] {
    return asList(value, key, "object").map((item) => below(asObject(item, key) ?? {}, key));
  }

  return {
    has: (key) => at(key) !== undefined && at(key) !== null,
    raw: at,
    text: (key) => asText(at(key), key),
    flag(key) {
      const value = at(key) ?? false;
      if (typeof value !== "boolean") throw wrong(value, key, "bool");
      return value;
    },
    whole(key, least = Number.MIN_SAFE_INTEGER) {
      const value = at(key) ?? 0;
      const type = least < 0 ? "int64" : "uint64";
      if (typeof value !== "number") throw wrong(value, key, type);
      if (!Number.isSafeInteger(value) || value < least) throw wrong(value, key, type);
      return value;
    },
    texts: (key) => asList(at(key), key, "string").map((item) => asText(item, key)),
    words(key) {
      const value = at(key);
      if (value === undefined || value === null) return null;
      if (typeof value === "string") return [asText(value, key)];
      if (!Array.isArray(value)) throw wrong(value, key, "string");
      return value.map((item) => asText(item, key));
    },
    object(key) {
      const value = asObject(at(key), key);
      return value && below(value, key);
    },
    objects: (key) => asObjects(at(key), key),
    textMap: (key) =>
      Object.fromEntries(
        Object.entries(asObject(at(key), key) ?? {}).map(([name, value]) => [
          asText(name, key),
          asText(value, key),
        ]),
      ),
    keys: (key) =>
      Object.entries(asObject(at(key), key) ?? {}).map(([name, value]) => {
        asObject(value, key);
        return asText(name, key);
      }),
    lists: (key) =>
      Object.entries(asObject(at(key), key) ?? {}).map(([name, value]) => [
        asText(name, key),
        asObjects(value, key),
      ]),
  };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "number")
    return Number.isSafeInteger(value) && value >= 0 ? "number" : `number ${value}`;
  return typeof value === "boolean" ? "bool" : typeof value;
}
