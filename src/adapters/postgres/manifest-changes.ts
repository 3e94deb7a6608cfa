import type { PutManifest, PutOutcome, Repositories } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { Tag } from "#oci/reference.ts";
import { auditChange, type AuditedChange } from "./audit-rows.ts";
import type { Database, Queries } from "./database.ts";
import { addChangeEvents } from "./event-rows.ts";
import { linkMarks } from "./link-marks.ts";
import { manifestRows } from "./manifest-rows.ts";
import { pullRows } from "./pull-rows.ts";
import { overQuotaIn } from "./quota-sums.ts";
import { isDigest } from "./reference-kind.ts";
import { checkStoredReferences } from "./reference-sizes.ts";
import { takeTag } from "./removed-tag-rows.ts";
import { repositoryRows } from "./repository-rows.ts";
import { tagRows } from "./tag-rows.ts";

type ManifestChanges = Pick<Repositories, "putManifest" | "deleteManifest" | "deleteTag">;

/** Puts and deletes of manifests and tags, each under the lock of its repository. */
export function manifestChanges(db: Database): ManifestChanges {
  return {
    putManifest: (put) =>
      db.transaction(
        (tx) => putManifest(tx, put),
        // A repository that was made for a put that stores nothing goes again.
        ({ outcome }) => outcome === "stored",
      ),

    deleteManifest: (repository, digest, facts, now, by) =>
      db.transaction(async (tx) => {
        const tags = tagRows(tx);
        const repositoryId = await repositoryRows(tx).lock(repository);
        const manifest = await findManifest(tx, repositoryId, digest);
        if (!manifest) return "unknown";
        if (!(await tags.factsHold(facts, manifest.id, digest))) return "changed";
        const names = await tags.names(manifest.id);
        await manifestRows(tx).remove({ id: manifest.id, repository, repositoryId, digest }, now);
        const removed = names.map((tag) => ({ action: "delete-tag", repository, tag, digest }) as const);
        await auditChange(tx, by, now, { action: "delete-manifest", repository, digest }, ...removed);
        const { mediaType } = manifest;
        const gone = { action: "delete", kind: "manifest", repository, digest, mediaType } as const;
        await addChangeEvents(tx, by, now, gone, ...names.map((tag) => ({ ...gone, tag })));
        return "deleted";
      }),

    deleteTag: (repository, tag, facts, now, by) =>
      db.transaction(async (tx) => {
        const tags = tagRows(tx);
        const repositoryId = await repositoryRows(tx).lock(repository);
        const target = await tags.target(repositoryId, tag);
        if (!target) return "unknown";
        const { manifestId, digest } = target;
        if (!(await tags.factsHold(facts, manifestId, digest))) return "changed";
        await takeTag(tx, { repository, repositoryId, tag, now, by });
        await auditChange(tx, by, now, { action: "delete-tag", repository, tag, digest });
        await addChangeEvents(tx, by, now, { action: "delete", kind: "manifest", repository, tag, digest });
        return "deleted";
      }),
  };
}

async function putManifest(tx: Queries, put: PutManifest): Promise<PutOutcome> {
  const { digest, now } = put;
  const tags = tagRows(tx);
  const repositoryId = await repositoryRows(tx).ensureLocked(put.repository, now);
  const old = await findManifest(tx, repositoryId, digest);
  if (put.expect) {
    const { reference, is: expected } = put.expect;
    const is = await current(tx, repositoryId, reference);
    const holds = expected === "present" ? is !== undefined : expected === (is ?? "absent");
    if (!holds) return { outcome: "changed", reference, is };
  }
  const names = [...new Set(put.tags.map(({ name }) => name))];
  const targets = await tags.targets(repositoryId, names);
  for (const { name, was } of put.tags) {
    const is = targets.get(name);
    if (was !== "any" && was !== (is ?? "absent")) return { outcome: "changed", reference: name, is };
  }
  const { missing, wrongSize, named } = await checkStoredReferences(tx, repositoryId, put.references);
  if (missing.length > 0) return { outcome: "missing", references: missing };
  if (wrongSize.length > 0) return { outcome: "wrong-size", references: wrongSize };

  const over = await overQuotaIn(tx, put.quotas, {
    bytes: old ? 0 : put.size,
    brought: 0,
    tags: names.filter((name) => !targets.has(name)).length,
  });
  if (over) return { outcome: "over-quota", over };

  const id = await store(tx, repositoryId, put);
  const { repository } = put;
  await pullRows(tx).came({ repository, repositoryId, kind: "manifest", digest }, put.size, now);
  // Read as another media type, the same bytes may name other things.
  const others = old && old.mediaType !== put.mediaType ? await manifestRows(tx).references(id) : [];
  if (others.length > 0) await tx.change("DELETE FROM manifest_references WHERE manifest_id = $1", [id]);
  // What is there already isn't written again: a repeated push stays small.
  if (named.length > 0)
    await tx.change(
      "INSERT INTO manifest_references (repository_id, digest, manifest_id, kind, missing) " +
        "SELECT $1, digest, $2, kind, missing " +
        "FROM unnest($3::text[], $4::text[], $5::boolean[]) AS named (digest, kind, missing) " +
        "ON CONFLICT (repository_id, digest, manifest_id, kind) DO UPDATE SET missing = excluded.missing " +
        "WHERE manifest_references.missing <> excluded.missing",
      [
        repositoryId,
        id,
        named.map((one) => one.digest),
        named.map(({ kind }) => kind),
        named.map(({ present }) => !present),
      ],
    );
  await linkMarks(tx).named(
    repositoryId,
    named.map((one) => one.digest),
  );
  await manifestRows(tx).letGo({ id, repository, repositoryId, digest }, others, now);
  await tags.move(repositoryId, names, id, now, put.by?.actorId);
  const moving = names.filter((name) => targets.get(name) !== digest);
  await auditPut(tx, put, moving, targets);
  // An event for each tag that it set, or one of the manifest alone.
  const { mediaType, size } = put;
  const pushed = { action: "push", kind: "manifest", repository, digest, mediaType, size } as const;
  const set = names.length === 0 ? [pushed] : names.map((tag) => ({ ...pushed, tag }));
  await addChangeEvents(tx, put.by, now, ...set);
  return { outcome: "stored", moved: moving.filter((name) => targets.has(name)) };
}

const findManifest = (tx: Queries, repositoryId: number, digest: Digest) =>
  tx.row<{ id: number; mediaType: string }>(
    'SELECT id, media_type AS "mediaType" FROM manifests WHERE repository_id = $1 AND digest = $2',
    [repositoryId, digest],
  );

/** What a tag points to or a digest is in the repository now. */
async function current(
  tx: Queries,
  repositoryId: number,
  reference: Digest | Tag,
): Promise<Digest | undefined> {
  if (!isDigest(reference)) return (await tagRows(tx).target(repositoryId, reference))?.digest;
  return (await findManifest(tx, repositoryId, reference)) && reference;
}

async function store(tx: Queries, repositoryId: number, put: PutManifest): Promise<number> {
  const row = await tx.row<{ id: number }>(
    "INSERT INTO manifests " +
      "(repository_id, digest, media_type, size, subject, artifact_type, annotations, pushed_at) " +
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (repository_id, digest) DO UPDATE SET " +
      "media_type = excluded.media_type, size = excluded.size, subject = excluded.subject, " +
      "artifact_type = excluded.artifact_type, annotations = excluded.annotations, " +
      "pushed_at = excluded.pushed_at RETURNING id",
    [
      repositoryId,
      put.digest,
      put.mediaType,
      put.size,
      put.subject ?? null,
      put.artifactType ?? null,
      put.annotations ?? null,
      put.now,
    ],
  );
  if (!row) throw new Error(`no row for manifest ${put.digest}`);
  await tx.change(
    "INSERT INTO manifest_bytes (manifest_id, bytes) VALUES ($1, $2) ON CONFLICT (manifest_id) " +
      "DO UPDATE SET bytes = excluded.bytes WHERE manifest_bytes.bytes <> excluded.bytes",
    [row.id, put.bytes],
  );
  return row.id;
}

/** One row for the manifest, and one for each tag that is new or points elsewhere now. */
async function auditPut(
  tx: Queries,
  { by, now, repository, digest, tags }: PutManifest,
  moving: readonly Tag[],
  targets: ReadonlyMap<Tag, Digest>,
): Promise<void> {
  if (by === undefined) return;
  const moves = moving.map((tag): AuditedChange => {
    const was = targets.get(tag);
    const rules = tags.find(({ name }) => name === tag)?.rules;
    const rule = (was === undefined ? rules?.create : rules?.move) ?? by.rule;
    const action = was === undefined ? "create-tag" : "move-tag";
    return { action, repository, tag, digest, subject: was, rule };
  });
  await auditChange(tx, by, now, { action: "push-manifest", repository, digest }, ...moves);
}
