import type { AuditActor } from "#core/audit.ts";
import type { TagFact } from "#core/metadata/repositories.ts";
import type { RemovedTag, TagRemoval, TagRoom } from "#core/metadata/tag-room.ts";
import type { QuotaFact } from "#core/metadata/usage.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { auditRows } from "../audit-rows.ts";
import type { Connection } from "../connection.ts";
import { eventRows } from "../event-rows.ts";
import { heldRows } from "../held-rows.ts";
import { quotaSums } from "../quota-sums.ts";
import { removedTagRows } from "../removed-tag-rows.ts";
import { repositoryRows } from "../repository-rows.ts";

interface TagRow {
  manifestId: number;
  digest: Digest;
  pinned: 0 | 1;
  updatedAt: number;
}

interface RemovedRow extends RemovedTag {
  repositoryId: number;
  manifestId: number;
  mediaType: string;
  size: number;
  owner: string | null;
  updatedAt: number;
}

type Outcome<K extends "remove" | "restore"> = Awaited<ReturnType<TagRoom[K]>>;

/** Tags that retention removes, and their ways back. */
export function tagRoomOperations(db: Connection) {
  const repositories = repositoryRows(db);
  const audit = auditRows(db);
  const events = eventRows(db);
  const held = heldRows(db);
  const removed = removedTagRows(db);
  const sums = quotaSums(db);
  const find = db.prepare<[number, string], TagRow>(
    "SELECT t.manifest_id AS manifestId, m.digest, t.pinned, t.updated_at AS updatedAt " +
      "FROM tags t JOIN manifests m ON m.id = t.manifest_id WHERE t.repository_id = ? AND t.name = ?",
  );
  const findRemoved = db.prepare<[number], RemovedRow>(
    "SELECT x.id, x.repository_id AS repositoryId, r.name AS repository, x.name, x.manifest_id AS manifestId, " +
      "m.digest, m.media_type AS mediaType, m.size, x.removed_at AS removedAt, x.removed_by AS removedBy, x.rule, " +
      "x.owner, x.updated_at AS updatedAt FROM removed_tags x JOIN repositories r ON r.id = x.repository_id " +
      "JOIN manifests m ON m.id = x.manifest_id WHERE x.id = ?",
  );
  const remove = db.prepare<[number, string]>("DELETE FROM tags WHERE repository_id = ? AND name = ?");
  const insert = db.prepare<[number, string, number, number, 0 | 1, string | null]>(
    "INSERT INTO tags (repository_id, name, manifest_id, updated_at, pinned, owner) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const unremove = db.prepare<[number]>("DELETE FROM removed_tags WHERE id = ?");
  const due = db.prepare<[number, number], { id: number; manifestId: number }>(
    "SELECT id, manifest_id AS manifestId FROM removed_tags WHERE removed_at < ? ORDER BY removed_at, id LIMIT ?",
  );
  const pin = db.prepare<[0 | 1, number, string]>(
    "UPDATE tags SET pinned = ? WHERE repository_id = ? AND name = ?",
  );

  return {
    removeTag({ repository, tag, was, setAt, rule, now, by }: TagRemoval): Outcome<"remove"> {
      const repositoryId = repositories.find(repository);
      const target = find.get(repositoryId, tag);
      if (!target) return "unknown";
      const { digest } = target;
      if (digest !== was || (setAt !== undefined && target.updatedAt !== setAt)) return "changed";
      if (target.pinned === 1) return "pinned";
      removed.take({ repository, repositoryId, tag, now, by, rule });
      audit.change(by && { ...by, rule }, now, { action: "delete-tag", repository, tag, digest });
      events.change(by, now, { action: "delete", kind: "manifest", repository, tag, digest, subject: rule });
      return "removed";
    },

    restoreTag({ id, was, now, by, quotas }: RestoreTag): Outcome<"restore"> {
      const row = findRemoved.get(id);
      if (!row) return { outcome: "gone" };
      const { repositoryId, manifestId, mediaType, size, owner, updatedAt, ...tag } = row;
      const { repository, name, digest } = tag;
      const target = find.get(repositoryId, name);
      if (target && was !== "any" && was !== target.digest) return { outcome: "taken", is: target.digest };
      const over = sums.over(quotas, { bytes: 0, brought: 0, tags: target ? 0 : 1 });
      if (over) return { outcome: "over-quota", over };
      unremove.run(id);
      // Removed and made anew, so that what each owner uses is counted.
      remove.run(repositoryId, name);
      insert.run(repositoryId, name, manifestId, updatedAt, target?.pinned ?? 0, owner);
      if (target && target.digest !== digest) held.letGo([target.manifestId], now);
      const action = target ? "move-tag" : "create-tag";
      audit.change(by, now, { action, repository, tag: name, digest, subject: target?.digest });
      events.change(by, now, {
        ...{ action: "restore", kind: "manifest" },
        ...{ repository, tag: name, digest, mediaType, size },
      });
      return { outcome: "restored", tag };
    },

    forgetRemovedTags({ before, limit, now }: { before: number; limit: number; now: number }): number {
      const rows = due.all(before, limit);
      for (const { id } of rows) unremove.run(id);
      held.letGo(
        rows.map(({ manifestId }) => manifestId),
        now,
      );
      return rows.length;
    },

    pinTag({ repository, tag, pinned, now, by }: PinTag): boolean {
      const repositoryId = repositories.find(repository);
      const target = find.get(repositoryId, tag);
      if (!target) return false;
      if ((target.pinned === 1) === pinned) return true;
      pin.run(pinned ? 1 : 0, repositoryId, tag);
      const action = pinned ? "pin-tag" : "unpin-tag";
      audit.change(by, now, { action, repository, tag, digest: target.digest });
      return true;
    },
  };
}

interface RestoreTag {
  id: number;
  was: TagFact;
  now: number;
  by: AuditActor | undefined;
  quotas: readonly QuotaFact[] | undefined;
}

interface PinTag {
  repository: RepositoryName;
  tag: Tag;
  pinned: boolean;
  now: number;
  by: AuditActor | undefined;
}

export type TagRoomOperations = ReturnType<typeof tagRoomOperations>;
