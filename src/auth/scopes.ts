import { AppError } from "#core/errors.ts";
import { parseRepositoryName, type RepositoryName } from "#oci/reference.ts";

/** One thing that a client asks a token for. */
export type Scope =
  | { readonly type: "repository"; readonly name: RepositoryName; readonly actions: readonly string[] }
  | { readonly type: "registry"; readonly name: "catalog"; readonly actions: readonly string[] };

/** Different scopes of one token. */
const mostDistinct = 100;
/** Scopes of one request, equal ones too. */
const mostAtAll = 999;

/**
 * What `scope` parameters ask for: each may hold several scopes with spaces between them,
 * `TYPE[(CLASS)]:NAME:ACTION[,ACTION]`. Equal ones become one. What this registry doesn't have (other types,
 * names that can't be, no actions) grants nothing and is left out. Throws scope-invalid when there are too many.
 * Docker's token specification, "Requesting a Token".
 */
export function parseScopes(parameters: readonly string[]): Scope[] {
  const texts = parameters.flatMap((text) => text.split(/\s+/)).filter((text) => text !== "");
  const distinct = new Set(texts);
  if (texts.length > mostAtAll || distinct.size > mostDistinct)
    throw new AppError(
      "scope-invalid",
      `${texts.length} scopes are asked for: one token takes ${mostDistinct} different ones; ask for several tokens`,
    );
  const merged = new Map<string, { scope: Scope; actions: Set<string> }>();
  for (const text of distinct) {
    const scope = parseScope(text);
    if (scope === undefined) continue;
    const key = `${scope.type}:${scope.name}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { scope, actions: new Set(scope.actions) });
    else for (const action of scope.actions) known.actions.add(action);
  }
  return [...merged.values()].map(({ scope, actions }) => ({ ...scope, actions: [...actions] }));
}

function parseScope(text: string): Scope | undefined {
  const first = text.indexOf(":");
  // Names may hold colons (a host with a port), actions don't.
  const last = text.lastIndexOf(":");
  if (first < 0 || first === last) return undefined;
  const type = text.slice(0, first).replace(/\([^()]*\)$/, "");
  const name = text.slice(first + 1, last);
  const actions = text
    .slice(last + 1)
    .split(",")
    .filter((action) => action !== "");
  if (actions.length === 0) return undefined;
  if (type === "registry" && name === "catalog") return { type, name, actions };
  const repository = type === "repository" ? parseRepositoryName(name) : undefined;
  return repository === undefined ? undefined : { type: "repository", name: repository, actions };
}
