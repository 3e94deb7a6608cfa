import type { Grant } from "#core/caller.ts";
import { parseRepositoryName } from "#oci/reference.ts";

const mostEntries = 1_000;
const mostActions = 20;

/**
 * The `access` claim of Docker's token specification as grants. Entries that mean nothing here are left
 * out; undefined when the claim as a whole is not a list, or longer than any honest one.
 */
export function readAccess(claim: unknown): Grant[] | undefined {
  if (claim === undefined || claim === null) return [];
  if (!Array.isArray(claim) || claim.length > mostEntries) return undefined;
  return claim.flatMap((entry: unknown) => grantIn(entry) ?? []);
}

function grantIn(entry: unknown): Grant | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { type, name, actions } = entry as Record<string, unknown>;
  if (typeof name !== "string" || !Array.isArray(actions)) return undefined;
  const words = actions.filter((action) => typeof action === "string").slice(0, mostActions);
  if (type === "registry") return name === "catalog" ? { type, name, actions: words } : undefined;
  if (type !== "repository" || parseRepositoryName(name) === undefined) return undefined;
  return { type, name, actions: words };
}
