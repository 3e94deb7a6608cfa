import { parseRepositoryName, type RepositoryName } from "#oci/reference.ts";
import type { DistributionRoute } from "./routes.ts";

/** What an access token must be good for, as the challenge says it; a mount also names its source. */
export function scopeOf(
  route: DistributionRoute,
  repository: RepositoryName,
  query: URLSearchParams,
): string | undefined {
  if (route.kind === "catalog") return "registry:catalog:*";
  const [action] = route.actions ?? [];
  if (action === undefined) return undefined;
  const scope = `repository:${repository}:${action === "push" ? "pull,push" : action}`;
  const from = query.has("mount") ? parseRepositoryName(query.get("from") ?? "") : undefined;
  return from === undefined ? scope : `${scope} repository:${from}:pull`;
}
