import type { AuditActor } from "#core/audit.ts";
import type { DeleteFacts, DeleteOutcome, PutManifest, PutOutcome } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { auditRows } from "../audit-rows.ts";
import type { Connection } from "../connection.ts";
import { eventRows } from "../event-rows.ts";
import { linkMarks } from "../link-marks.ts";
import { manifestRows } from "../manifest-rows.ts";
import { pullRows } from "../pull-rows.ts";
import { quotaSums } from "../quota-sums.ts";
import { isDigest } from "../reference-kind.ts";
import { referenceCheck } from "../reference-check.ts";
import { repositoryRows } from "../repository-rows.ts";
import { tagRows } from "../tag-rows.ts";

export interface DeleteManifest {
  repository: RepositoryName;
  digest: Digest;
  facts: DeleteFacts;
  now: number;
  by: AuditActor | undefined;
}

interface ManifestValues {
  repositoryId: number;
  digest: string;
  mediaType: string;
  size: number;
  subject: string | null;
  artifactType: string | null;
  annotations: string | null;
  now: number;
}

/** Puts and deletes of manifests, with the tags that move with them. */
export function manifestOperations(db: Connection) {
  const repositories = repositoryRows(db);
  const tags = tagRows(db);
  const audit = auditRows(db);
  const events = eventRows(db);
  const pulls = pullRows(db);
  const marks = linkMarks(db);
  const manifests = manifestRows(db);
  const check = referenceCheck(db);
  const sums = quotaSums(db);
  const find = db.prepare<[number, string], { id: number; mediaType: string }>(
    "SELECT id, media_type AS mediaType FROM manifests WHERE repository_id = ? AND digest = ?",
  );
  const upsert = db
    .prepare<[ManifestValues], number>(
      "INSERT INTO manifests " +
        "(repository_id, digest, media_type, size, subject, artifact_type, annotations, pushed_at) VALUES " +
        "(:repositoryId, :digest, :mediaType, :size, :subject, :artifactType, :annotations, :now) " +
        "ON CONFLICT (repository_id, digest) DO UPDATE SET media_type = excluded.media_type, " +
        "size = excluded.size, subject = excluded.subject, artifact_type = excluded.artifact_type, " +
        "annotations = excluded.annotations, pushed_at = excluded.pushed_at RETURNING id",
    )
    .pluck();
  // Bytes and references that are there already aren't written again: a repeated push stays small.
  const putBytes = db.prepare<[number, Uint8Array]>(
    "INSERT INTO manifest_bytes (manifest_id, bytes) VALUES (?, ?) ON CONFLICT (manifest_id) " +
      "DO UPDATE SET bytes = excluded.bytes WHERE bytes <> excluded.bytes",
  );
  const putReference = db.prepare<[number, string, number, string, number]>(
    "INSERT INTO manifest_references (repository_id, digest, manifest_id, kind, missing) " +
      "VALUES (?, ?, ?, ?, ?) ON CONFLICT (repository_id, digest, manifest_id, kind) " +
      "DO UPDATE SET missing = excluded.missing WHERE missing <> excluded.missing",
  );
  const dropReferences = db.prepare<[number]>("DELETE FROM manifest_references WHERE manifest_id = ?");

  /** What a tag points to or a digest is in the repository now. */
  function current(repositoryId: number, reference: Digest | Tag): Digest | undefined {
    if (!isDigest(reference)) return tags.target(repositoryId, reference)?.digest;
    return find.get(repositoryId, reference) && reference;
  }

  /** One row for the manifest, and one for each tag that is new or points elsewhere now. */
  function auditPut(
    { by, now, repository, digest, tags: put }: PutManifest,
    before: Map<Tag, Digest | undefined>,
  ): void {
    audit.change(by, now, { action: "push-manifest", repository, digest });
    for (const [tag, was] of before) {
      if (was === digest) continue;
      const action = was === undefined ? "create-tag" : "move-tag";
      const rules = put.find(({ name }) => name === tag)?.rules;
      const rule = was === undefined ? rules?.create : rules?.move;
      audit.change(by && { ...by, rule: rule ?? by.rule }, now, {
        action,
        repository,
        tag,
        digest,
        subject: was,
      });
    }
  }

  /** An event for each tag that it set, or one of the manifest alone. */
  function tellPut(put: PutManifest, names: Iterable<Tag>): void {
    const { repository, digest, mediaType, size } = put;
    const pushed = { action: "push", kind: "manifest", repository, digest, mediaType, size } as const;
    const set = [...names];
    for (const tag of set.length === 0 ? [undefined] : set)
      events.change(put.by, put.now, { ...pushed, tag });
  }

  return {
    putManifest(put: PutManifest): PutOutcome {
      const known = repositories.find(put.repository);
      if (put.expect) {
        const { reference, is: expected } = put.expect;
        const is = current(known, reference);
        const holds = expected === "present" ? is !== undefined : expected === (is ?? "absent");
        if (!holds) return { outcome: "changed", reference, is };
      }
      const before = new Map<Tag, Digest | undefined>();
      for (const { name, was } of put.tags) {
        const is = tags.target(known, name)?.digest;
        if (was !== "any" && was !== (is ?? "absent")) return { outcome: "changed", reference: name, is };
        before.set(name, is);
      }
      const { missing, wrongSize, named } = check(known, put.references);
      if (missing.length > 0) return { outcome: "missing", references: missing };
      if (wrongSize.length > 0) return { outcome: "wrong-size", references: wrongSize };

      const over = sums.over(put.quotas, {
        bytes: find.get(known, put.digest) ? 0 : put.size,
        brought: 0,
        tags: [...before.values()].filter((is) => is === undefined).length,
      });
      if (over) return { outcome: "over-quota", over };

      const repositoryId = repositories.ensure(put.repository, put.now);
      const old = find.get(repositoryId, put.digest);
      const id = upsert.get({
        repositoryId,
        digest: put.digest,
        mediaType: put.mediaType,
        size: put.size,
        subject: put.subject ?? null,
        artifactType: put.artifactType ?? null,
        annotations: put.annotations ?? null,
        now: put.now,
      });
      if (id === undefined) throw new Error(`no row for manifest ${put.digest}`);
      putBytes.run(id, put.bytes);
      const { repository, digest } = put;
      pulls.came({ repository, repositoryId, kind: "manifest", digest }, put.size, put.now);
      // Read as another media type, the same bytes may name other things.
      const others = old && old.mediaType !== put.mediaType ? manifests.references(id) : [];
      if (others.length > 0) dropReferences.run(id);
      for (const { digest: of, kind, present } of named) {
        putReference.run(repositoryId, of, id, kind, present ? 0 : 1);
        marks.named(repositoryId, of);
      }
      manifests.letGo({ id, repository, repositoryId, digest }, others, put.now);
      for (const { name } of put.tags) tags.move(repositoryId, name, id, put.now, put.by?.actorId);
      auditPut(put, before);
      tellPut(put, before.keys());
      const moved = [...before].filter(([, was]) => was !== undefined && was !== put.digest);
      return { outcome: "stored", moved: moved.map(([name]) => name) };
    },

    deleteManifest({ repository, digest, facts, now, by }: DeleteManifest): DeleteOutcome {
      const repositoryId = repositories.find(repository);
      const manifest = find.get(repositoryId, digest);
      if (!manifest) return "unknown";
      if (!tags.factsHold(facts, manifest.id, digest)) return "changed";
      const names = tags.names(manifest.id);
      manifests.remove({ id: manifest.id, repository, repositoryId, digest }, now);
      audit.change(by, now, { action: "delete-manifest", repository, digest });
      for (const tag of names) audit.change(by, now, { action: "delete-tag", repository, tag, digest });
      const { mediaType } = manifest;
      for (const tag of [undefined, ...names])
        events.change(by, now, { action: "delete", kind: "manifest", repository, tag, digest, mediaType });
      return "deleted";
    },
  };
}

export type ManifestOperations = ReturnType<typeof manifestOperations>;
