import type { MissingReferencesRule } from "#config/config.ts";
import { compileGlob } from "#kit/glob.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** policy.missing_references as a function: the first rule whose glob matches holds. */
export function missingReferencesRule(
  rules: readonly MissingReferencesRule[],
): (repository: RepositoryName) => MissingReferencesRule["allow"] {
  const compiled = rules.map(({ repositories, allow }) => ({ matches: compileGlob(repositories), allow }));
  return (repository) => compiled.find(({ matches }) => matches(repository))?.allow ?? "index";
}
