import { afterEngineNames } from "../engine-name.ts";
import type { OverQuota, QuotaFact, QuotaScope, Used } from "./usage.ts";

/** What a change would add. Manifests are a repository's, and nobody's own. */
export interface Adding {
  /** To what the repository holds. */
  bytes: number;
  /** To what the account brought. */
  brought: number;
  tags: number;
}

/** How much of it counts in the scope. */
function addingTo({ kind }: QuotaScope, { bytes, brought, tags }: Adding): Used {
  return { bytes: kind === "owner" ? brought : bytes, tags };
}

/** The quotas that a change can go over: those that limit something of what it adds. */
export function touchedBy(quotas: readonly QuotaFact[] | undefined, adding: Adding): readonly QuotaFact[] {
  return (quotas ?? []).filter((quota) => {
    const { bytes, tags } = addingTo(quota.scope, adding);
    return (bytes > 0 && quota.bytes !== undefined) || (tags > 0 && quota.tags !== undefined);
  });
}

/** Why a change that adds so much to what is used would go over the quota; undefined: it fits, or adds nothing. */
export function overQuota(quota: QuotaFact, used: Used, adding: Adding): OverQuota | undefined {
  const added = addingTo(quota.scope, adding);
  for (const what of ["bytes", "tags"] as const) {
    const allowed = quota[what];
    if (allowed !== undefined && added[what] > 0 && used[what] + added[what] > allowed)
      return { quota, what, used: used[what], allowed, adding: added[what] };
  }
  return undefined;
}

/** Where the names of a scope are: from the first up to, and without, the second. `one`: the first alone. */
export function namesOf({ pattern, prefix }: Extract<QuotaScope, { kind: "repositories" }>): {
  from: string;
  until: string;
  one: boolean;
} {
  // No character of a name sorts after the tilde; an engine's own names sort before all others.
  const from = prefix === "" ? afterEngineNames : prefix;
  return { from, until: `${prefix}~`, one: pattern === exactly(prefix) };
}

/** The pattern of one name. */
export function exactly(name: string): string {
  return `^${name.replace(/[.+^${}()|[\]\\/*?]/g, "\\$&")}$`;
}
