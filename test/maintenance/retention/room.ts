import type { TestContext } from "node:test";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { createRetention, type Retention } from "#maintenance/retention/retention.ts";
import type { RepositoryReport } from "#maintenance/retention/retention-report.ts";
import type { RetentionRule } from "#maintenance/retention/rules.ts";
import type { TagDecision } from "#maintenance/retention/survey.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { migrations, tempFolder } from "../../adapters/sqlite/temp-folder.ts";
import { manifest } from "../../contract/metadata/content.ts";
import { load } from "../../config/load.ts";

export const day = 86_400_000;
export const app = "team/app" as RepositoryName;

export interface RetentionRoom {
  metadata: Metadata;
  /** The clock of retention, ms: far enough in the future that pulls are known for long. */
  now: number;
  /** A tag of the manifest `text` that was set so many days ago. */
  push(name: string, daysAgo: number, rest?: { text?: string; repository?: RepositoryName }): Promise<void>;
  /** Retention by the rules of this YAML list. */
  retention(rules: string, over?: { tagRoom?: Metadata["tagRoom"]; immutable?: string }): Retention;
  /** What these rules remove, in short: names. Nothing is changed. */
  removes(rules: string, immutable?: string): Promise<string[]>;
  decisions(rules: string, immutable?: string): Promise<TagDecision[]>;
  run(rules: string): Promise<{ removed: number; repositories: RepositoryReport[] }>;
  tags(repository?: RepositoryName): Promise<string[]>;
}

export const by = {
  actorId: undefined,
  actor: "retention",
  kind: "operator",
  address: "",
  request: "",
} as const;

/** Rules as the configuration gives them. */
export function rulesOf(yaml: string): RetentionRule[] {
  return load({ file: `retention: { rules: ${yaml} }` }).config.retention.rules;
}

/** Retention over a real, empty SQLite store. */
export async function openRetention(t: TestContext): Promise<RetentionRoom> {
  const folder = tempFolder();
  const metadata = await openSqliteMetadata({ path: folder.file("metadata.db"), migrationsDir: migrations });
  t.after(async () => {
    await metadata[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const room: RetentionRoom = {
    metadata,
    now: Date.now() + 1_000 * day,
    async push(name, daysAgo, { text = name, repository = app } = {}) {
      const tags = [{ name: name as Tag, was: "any" as const }];
      await metadata.repositories.putManifest(
        manifest(repository, text, { tags, now: room.now - daysAgo * day }),
      );
    },
    retention: (rules, { tagRoom = metadata.tagRoom, immutable } = {}) =>
      createRetention({
        metadata: { ...metadata, tagRoom },
        rules: live(rulesOf(rules)),
        immutable: (_, tag) => (tag === immutable ? `** ${tag}` : undefined),
        clock: () => room.now,
        by,
        share: 100,
      }),
    async decisions(rules, immutable) {
      const retention = room.retention(rules, immutable === undefined ? {} : { immutable });
      const found: TagDecision[] = [];
      for await (const page of retention.preview(undefined, new AbortController().signal))
        found.push(...page);
      return found;
    },
    removes: async (rules, immutable) =>
      (await room.decisions(rules, immutable)).filter(({ kept }) => !kept).map(({ name }) => name),
    async run(rules) {
      const repositories: RepositoryReport[] = [];
      const watch = { removed: (one: RepositoryReport) => void repositories.push(one) };
      const { removed } = await room.retention(rules).run(new AbortController().signal, watch);
      return { removed, repositories };
    },
    tags: (repository = app) => metadata.repositories.tags(repository, { limit: 1_000, last: undefined }),
  };
  return room;
}
