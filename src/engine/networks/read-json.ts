import { AppError } from "#core/errors.ts";

/** Parts of a request's body. null and absent are the empty value; anything else of another shape is engine-invalid. */
export type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function wrong(name: string, shape: string): AppError {
  return new AppError("engine-invalid", `invalid JSON: ${name} must be ${shape}`);
}

export function text(value: unknown, name: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw wrong(name, "a string");
  return value;
}

export function truth(value: unknown, name: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw wrong(name, "true or false");
  return value;
}

export function object(value: unknown, name: string): Json {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw wrong(name, "an object");
  return value;
}

export function list(value: unknown, name: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(name, "a list");
  return value as unknown[];
}

export function texts(value: unknown, name: string): string[] {
  return list(value, name).map((one) => text(one, name));
}

export function textMap(value: unknown, name: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(object(value, name)).map(([key, one]) => [key, text(one, `${name}.${key}`)]),
  );
}
