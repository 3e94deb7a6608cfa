/** As much of an OpenAPI document as its checks look at. */
export interface OpenApi {
  openapi: string;
  paths: Record<string, PathItem>;
  components?: Record<string, Record<string, unknown>>;
}

export type PathItem = { parameters?: Referable<Parameter>[] } & { [method: string]: Operation | undefined };

export interface Operation {
  operationId?: string;
  summary?: string;
  parameters?: Referable<Parameter>[];
  responses?: Record<string, Referable<{ description?: string }>>;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: unknown;
}

export type Referable<T> = T | { $ref: string };

const methods = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];

/** Every operation with its path and method. */
export function* operationsOf(
  document: OpenApi,
): Iterable<{ method: string; path: string; item: PathItem; operation: Operation }> {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method];
      if (operation) yield { method: method.toUpperCase(), path, item, operation };
    }
  }
}

/** What `#/a/b` points to; undefined when it leads nowhere. */
export function lookUp(document: OpenApi, ref: string): unknown {
  if (!ref.startsWith("#/")) return undefined;
  let at: unknown = document;
  for (const step of ref.slice(2).split("/")) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string, unknown>)[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return at;
}

/** The thing itself, whether written out or referred to. */
export function resolved<T extends object>(document: OpenApi, thing: Referable<T>): Partial<T> {
  return "$ref" in thing ? { ...(lookUp(document, thing.$ref) as Partial<T> | undefined) } : thing;
}
