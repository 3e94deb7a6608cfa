/** How much is used, for people: quotas with what they allow, accounts by their names. Reads only. */
import type { Identity } from "#core/caller.ts";
import type { Live } from "#core/live.ts";
import type { Accounts } from "#core/metadata/accounts.ts";
import type { QuotaFact, QuotaScope, RepositoryUsage, Usage, Used } from "#core/metadata/usage.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Quotas } from "./quotas.ts";

/** What a quota is about. */
export type QuotaOf =
  | { kind: "repositories"; globs: readonly string[] }
  | { kind: "repository"; name: string }
  | { kind: "account"; id: string; name: string };

export interface QuotaUse {
  name: string;
  of: QuotaOf;
  used: Used;
  /** What it may have; undefined: any number. */
  bytes: number | undefined;
  tags: number | undefined;
  /** How full it is: 1 is all that is allowed. Of bytes and tags the fuller. */
  share: number;
}

export interface AccountUse extends Used {
  /** As core/caller says. */
  id: string;
  name: string;
  /** It is there no more. */
  removed: boolean;
}

export interface UsageLists {
  /** Quotas that a push into this repository, by this caller, is under. */
  ofPush(caller: Person, repository: RepositoryName): Promise<QuotaUse[]>;
  /** Those over all their repositories together, of which these globs (of a quota) are so. */
  together(which: (globs: readonly string[]) => boolean): Promise<QuotaUse[]>;
  /** The caller's own quotas. */
  ofCaller(caller: Person): Promise<QuotaUse[]>;
  /**
   * Every quota. Of those that each repository or account has by itself the fullest, up to `fullest` for each; reads
   * through all repositories where there are such.
   */
  quotas(fullest: number): Promise<QuotaUse[]>;
  /** Who brought how much, the most first. */
  accounts(): Promise<AccountUse[]>;
}

type Person = Pick<Identity, "id" | "kind" | "name" | "groups">;

export interface UsageListsParts {
  usage: Usage;
  accounts: Pick<Accounts, "byId">;
  quotas: Live<Quotas>;
}

interface Brought {
  person: Person & { id: string };
  /** For people. */
  title: string;
  removed: boolean;
}

const pageSize = 1_000;

export function createUsageLists({ usage, accounts, quotas }: UsageListsParts): UsageLists {
  async function useOf(quota: QuotaFact, of: QuotaOf): Promise<QuotaUse> {
    return quotaUse(quota, of, await usage.used(quota.scope));
  }

  const ofAll = (facts: readonly QuotaFact[]) =>
    facts.map((quota) => useOf(quota, { kind: "repositories", globs: globsOf(quota.scope) }));
  const ofOne = (facts: readonly QuotaFact[], name: RepositoryName) =>
    facts.map((quota) => useOf(quota, { kind: "repository", name }));
  const ofPerson = (facts: readonly QuotaFact[], { id = "", name }: Person) =>
    facts.map((quota) => useOf(quota, { kind: "account", id, name }));

  async function* repositories(): AsyncGenerator<RepositoryUsage> {
    for (let last: RepositoryName | undefined; ;) {
      const page = await usage.repositories({ limit: pageSize, last });
      yield* page;
      last = page.at(-1)?.name;
      if (page.length < pageSize) return;
    }
  }

  async function people(): Promise<(Brought & { used: Used })[]> {
    const owners = await usage.owners();
    return Promise.all(
      owners.map(async ({ owner, bytes, tags }) => ({ ...(await personOf(owner)), used: { bytes, tags } })),
    );
  }

  async function personOf(id: string): Promise<Brought> {
    const colon = id.indexOf(":");
    const [kind, rest] = [id.slice(0, colon) as Person["kind"], id.slice(colon + 1)];
    if (kind !== "user" && kind !== "robot") {
      // Rules know a job by its provider; which job it was says the whole id.
      const name = kind === "workload" ? rest.slice(0, rest.indexOf(":")) : rest;
      return { person: { id, kind, name, groups: [] }, title: rest, removed: false };
    }
    const account = await accounts.byId(Number(rest));
    const { name = id, groups = [] } = account ?? {};
    return { person: { id, kind, name, groups }, title: name, removed: account === undefined };
  }

  return {
    async ofPush(caller, repository) {
      const { current } = quotas;
      return Promise.all([
        ...ofOne(current.ofRepository(repository), repository),
        ...ofPerson(current.ofAccount(caller), caller),
        ...ofAll(current.together(repository)),
      ]);
    },

    ofCaller: (caller) => Promise.all(ofPerson(quotas.current.ofAccount(caller), caller)),

    together: (which) =>
      Promise.all(ofAll(quotas.current.together().filter(({ scope }) => which(globsOf(scope))))),

    async quotas(fullest) {
      const { current } = quotas;
      if (current.none) return [];
      const each = new Map<string, QuotaUse[]>();
      const add = (use: QuotaUse) => {
        const list = each.get(use.name) ?? [];
        list.push(use);
        // Sorted now and then, so that memory stays small.
        each.set(use.name, list.length >= 2 * fullest ? theFullest(list, fullest) : list);
      };
      if (current.each)
        for await (const { name, bytes, tags } of repositories())
          for (const quota of current.ofRepository(name))
            add(quotaUse(quota, { kind: "repository", name }, { bytes, tags }));
      for (const { person, title, used } of await people())
        for (const quota of current.ofAccount(person))
          add(quotaUse(quota, { kind: "account", id: person.id, name: title }, used));
      const together = await Promise.all(ofAll(current.together()));
      return [...together, ...[...each.values()].flatMap((list) => theFullest(list, fullest))];
    },

    async accounts() {
      const list = (await people()).map(({ person: { id }, title, used, removed }) => ({
        id,
        name: title,
        removed,
        ...used,
      }));
      return list.sort((a, b) => b.bytes - a.bytes || b.tags - a.tags || (a.id < b.id ? -1 : 1));
    },
  };
}

function globsOf(scope: QuotaScope): readonly string[] {
  return scope.kind === "repositories" ? (scope.globs ?? []) : [];
}

function quotaUse({ name, bytes, tags }: QuotaFact, of: QuotaOf, used: Used): QuotaUse {
  const shares = [shareOf(used.bytes, bytes), shareOf(used.tags, tags)];
  return { name, of, used, bytes, tags, share: Math.max(...shares) };
}

function shareOf(used: number, allowed: number | undefined): number {
  if (allowed === undefined) return 0;
  return allowed === 0 ? 1 : used / allowed;
}

function theFullest(list: readonly QuotaUse[], count: number): QuotaUse[] {
  return list.toSorted((a, b) => b.share - a.share).slice(0, count);
}
