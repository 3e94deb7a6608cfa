import type { Route } from "#http/edge/route.ts";
import { operationsOf, type OpenApi } from "./document.ts";

/** Routes without an operation, operations without a route, and pairs that go by different names. */
export function routeFaults(document: OpenApi, routes: readonly Route[]): string[] {
  const faults: string[] = [];
  const left = new Map(routes.map((route) => [`${route.method} ${route.path}`, route.name]));
  for (const { method, path, operation } of operationsOf(document)) {
    const key = `${method} ${path}`;
    const name = left.get(key);
    if (name === undefined) faults.push(`${key} (${operation.operationId}) has no route`);
    else if (name !== operation.operationId) {
      faults.push(`${key}: its operationId is ${operation.operationId}, the route is ${name}`);
    }
    left.delete(key);
  }
  for (const [key, name] of left) faults.push(`${key} (${name}) is not in openapi.yaml`);
  return faults;
}
