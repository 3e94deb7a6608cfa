/** How much may be stored: which quotas a push is under, as facts that its transaction compares. Pure. */
import type { Caller, Identity } from "#core/caller.ts";
import { isAmong } from "#core/is-among.ts";
import { exactly } from "#core/metadata/over-quota.ts";
import type { QuotaFact } from "#core/metadata/usage.ts";
import { compileGlob, globPattern } from "#kit/glob.ts";
import type { RepositoryName } from "#oci/reference.ts";

/** One quota as the configuration says it. */
export interface QuotaRule {
  name: string | undefined;
  repositories: readonly string[];
  per: "all" | "repository" | "user";
  users: readonly string[];
  bytes: number | undefined;
  tags: number | undefined;
}

export interface Quotas {
  /** No push is under a quota: nothing has to be asked. */
  readonly none: boolean;
  /** Some are each repository's by itself. */
  readonly each: boolean;
  /** What this caller's push into this repository may not go over. */
  facts(caller: Pick<Caller, "id" | "kind" | "name" | "groups">, repository: RepositoryName): QuotaFact[];
  /** Those over all their repositories together; of those that cover this one, where given. */
  together(repository?: RepositoryName): QuotaFact[];
  /** Those that the repository has for itself. */
  ofRepository(repository: RepositoryName): QuotaFact[];
  /** Those of an account. */
  ofAccount(account: Pick<Identity, "id" | "kind" | "name" | "groups">): QuotaFact[];
}

export function compileQuotas(rules: readonly QuotaRule[]): Quotas {
  const compiled = rules.map(({ name, repositories, per, users, bytes, tags }, at) => {
    const globs = repositories.map(compileGlob);
    return {
      per,
      limits: { name: name ?? `quotas[${at}]`, bytes, tags },
      covers: (repository: string) => globs.some((matches) => matches(repository)),
      all: per === "all" ? { ...globPattern(repositories), globs: repositories } : undefined,
      users: users.length === 0 ? undefined : new Set(users),
    };
  });

  function together(repository?: RepositoryName): QuotaFact[] {
    return compiled.flatMap(({ all, limits, covers }) =>
      all === undefined || (repository !== undefined && !covers(repository))
        ? []
        : [{ ...limits, scope: { kind: "repositories", ...all } }],
    );
  }

  function ofRepository(repository: RepositoryName): QuotaFact[] {
    const scope = { kind: "repositories", pattern: exactly(repository), prefix: repository } as const;
    return compiled
      .filter(({ per, covers }) => per === "repository" && covers(repository))
      .map(({ limits }) => ({ ...limits, scope }));
  }

  // Who has no id, has brought nothing that could be counted.
  function ofAccount(account: Pick<Identity, "id" | "kind" | "name" | "groups">): QuotaFact[] {
    const { id } = account;
    if (id === undefined) return [];
    return compiled
      .filter(({ per, users }) => per === "user" && (users === undefined || isAmong(users, account)))
      .map(({ limits }) => ({ ...limits, scope: { kind: "owner", owner: id } }));
  }

  return {
    none: rules.length === 0,
    each: rules.some(({ per }) => per === "repository"),
    together,
    ofRepository,
    ofAccount,
    facts: (caller, repository) => [
      ...ofRepository(repository),
      ...ofAccount(caller),
      ...together(repository),
    ],
  };
}
