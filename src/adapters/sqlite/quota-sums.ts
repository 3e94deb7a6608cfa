import { namesOf, overQuota, touchedBy, type Adding } from "#core/metadata/over-quota.ts";
import type { OverQuota, QuotaFact, QuotaScope, Used } from "#core/metadata/usage.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";
import { compileGlob } from "#kit/glob.ts";
import type { Connection } from "./connection.ts";

/** Patterns kept compiled. */
const mostPatterns = 1_000;
/** Matches every name. */
const all = "^.*$";

/** What scopes use, from the counters that triggers keep. */
export function quotaSums(db: Connection) {
  const counters = "FROM repositories r JOIN repository_usage u ON u.repository_id = r.id";
  const ofOne = db.prepare<[string], Used>(
    `SELECT u.bytes, u.tags ${counters} WHERE r.name = ? AND r.upstream IS NULL`,
  );
  const range = `${counters} WHERE r.name >= ? AND r.name < ? AND r.upstream IS NULL`;
  const ofAll = db.prepare<[string, string], Used>(
    `SELECT coalesce(sum(u.bytes), 0) AS bytes, coalesce(sum(u.tags), 0) AS tags ${range}`,
  );
  const each = db
    .prepare<[string, string], [name: string, bytes: number, tags: number]>(
      `SELECT r.name, u.bytes, u.tags ${range}`,
    )
    .raw();
  const ofOwner = db.prepare<[string], Used>("SELECT bytes, tags FROM owner_usage WHERE owner = ?");
  const compiled = createBoundedMap<string, (name: string) => boolean>(mostPatterns);

  function matcher({ pattern, globs }: Extract<QuotaScope, { kind: "repositories" }>) {
    const known = compiled.get(pattern);
    if (known !== undefined) return known;
    const made = globs === undefined ? anyOf([expression(pattern)]) : anyOf(globs.map(compileGlob));
    compiled.set(pattern, made);
    return made;
  }

  function used(scope: QuotaScope): Used {
    if (scope.kind === "owner") return ofOwner.get(scope.owner) ?? { bytes: 0, tags: 0 };
    const { from, until, one } = namesOf(scope);
    if (one) return ofOne.get(from) ?? { bytes: 0, tags: 0 };
    if (scope.pattern === all) return ofAll.get(from, until) ?? { bytes: 0, tags: 0 };
    const matches = matcher(scope);
    const sum = { bytes: 0, tags: 0 };
    for (const [name, bytes, tags] of each.iterate(from, until)) {
      if (!matches(name)) continue;
      sum.bytes += bytes;
      sum.tags += tags;
    }
    return sum;
  }

  return {
    used,
    /** The first quota that a change would go over. Reads nothing for a change that adds nothing. */
    over(quotas: readonly QuotaFact[] | undefined, adding: Adding): OverQuota | undefined {
      for (const quota of touchedBy(quotas, adding)) {
        const over = overQuota(quota, used(quota.scope), adding);
        if (over) return over;
      }
      return undefined;
    },
  };
}

function expression(pattern: string): (name: string) => boolean {
  const expression = new RegExp(pattern);
  return (name) => expression.test(name);
}

function anyOf(matchers: readonly ((name: string) => boolean)[]): (name: string) => boolean {
  return (name) => matchers.some((matches) => matches(name));
}
