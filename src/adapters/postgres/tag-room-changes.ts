import type { RemovedTag, TagRoom } from "#core/metadata/tag-room.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { auditChange } from "./audit-rows.ts";
import type { Database, Queries } from "./database.ts";
import { addChangeEvents } from "./event-rows.ts";
import { heldRows } from "./held-rows.ts";
import { overQuotaIn } from "./quota-sums.ts";
import { takeTag } from "./removed-tag-rows.ts";
import { repositoryRows } from "./repository-rows.ts";

interface TagRow {
  manifestId: number;
  digest: Digest;
  pinned: boolean;
  updatedAt: number;
}

interface RemovedRow extends RemovedTag {
  manifestId: number;
  mediaType: string;
  size: number;
  owner: string | null;
  updatedAt: number;
}

/** Tags that retention removes, and their ways back; each under the lock of its repository. */
export function tagRoomChanges(db: Database): Pick<TagRoom, "remove" | "restore" | "forget" | "pin"> {
  return {
    remove: ({ repository, tag, was, setAt, rule, now, by }) =>
      db.transaction(async (tx) => {
        const repositoryId = await repositoryRows(tx).lock(repository);
        const target = await findTag(tx, repositoryId, tag);
        if (!target) return "unknown";
        const { digest, pinned, updatedAt } = target;
        if (digest !== was || (setAt !== undefined && updatedAt !== setAt)) return "changed";
        if (pinned) return "pinned";
        await takeTag(tx, { repository, repositoryId, tag, now, by, rule });
        const gone = { repository, tag, digest } as const;
        await auditChange(tx, by, now, { action: "delete-tag", ...gone, rule });
        await addChangeEvents(tx, by, now, { action: "delete", kind: "manifest", ...gone, subject: rule });
        return "removed";
      }),

    restore: (id, was, now, by, quotas) =>
      db.transaction(async (tx) => {
        // Where it stands never changes, so that the repository can be locked before the row.
        const where = await tx.row<{ repository: RepositoryName }>(
          "SELECT r.name AS repository FROM removed_tags x JOIN repositories r ON r.id = x.repository_id WHERE x.id = $1",
          [id],
        );
        if (!where) return { outcome: "gone" };
        const repositoryId = await repositoryRows(tx).lock(where.repository);
        const row = await findRemoved(tx, id);
        if (!row) return { outcome: "gone" };
        const { manifestId, mediaType, size, owner, updatedAt, ...tag } = row;
        const { repository, name, digest } = tag;
        const target = await findTag(tx, repositoryId, name);
        if (target && was !== "any" && was !== target.digest) return { outcome: "taken", is: target.digest };
        const over = await overQuotaIn(tx, quotas, { bytes: 0, brought: 0, tags: target ? 0 : 1 });
        if (over) return { outcome: "over-quota", over };
        await tx.change("DELETE FROM removed_tags WHERE id = $1", [id]);
        // Removed and made anew, so that what each owner uses is counted.
        await tx.change("DELETE FROM tags WHERE repository_id = $1 AND name = $2", [repositoryId, name]);
        await tx.change(
          "INSERT INTO tags (repository_id, name, manifest_id, updated_at, pinned, owner) " +
            "VALUES ($1, $2, $3, $4, $5, $6)",
          [repositoryId, name, manifestId, updatedAt, target?.pinned ?? false, owner],
        );
        if (target && target.digest !== digest) await heldRows(tx).letGo([target.manifestId], now);
        const back = { repository, tag: name, digest } as const;
        const action = target ? "move-tag" : "create-tag";
        await auditChange(tx, by, now, { action, ...back, subject: target?.digest });
        await addChangeEvents(tx, by, now, {
          ...({ action: "restore", kind: "manifest" } as const),
          ...{ ...back, mediaType, size },
        });
        return { outcome: "restored", tag };
      }),

    forget: (before, limit, now) =>
      db.transaction(async (tx) => {
        // What somebody restores at the moment is left to them.
        const rows = await tx.rows<{ manifestId: number }>(
          "DELETE FROM removed_tags WHERE id IN (SELECT id FROM removed_tags WHERE removed_at < $1 " +
            'ORDER BY removed_at, id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING manifest_id AS "manifestId"',
          [before, limit],
        );
        await heldRows(tx).letGo(
          rows.map(({ manifestId }) => manifestId),
          now,
        );
        return rows.length;
      }),

    pin: (repository, tag, pinned, now, by) =>
      db.transaction(async (tx) => {
        const repositoryId = await repositoryRows(tx).lock(repository);
        const target = await findTag(tx, repositoryId, tag);
        if (!target) return false;
        if (target.pinned === pinned) return true;
        await tx.change("UPDATE tags SET pinned = $3 WHERE repository_id = $1 AND name = $2", [
          repositoryId,
          tag,
          pinned,
        ]);
        const action = pinned ? "pin-tag" : "unpin-tag";
        await auditChange(tx, by, now, { action, repository, tag, digest: target.digest });
        return true;
      }),
  };
}

const findTag = (tx: Queries, repositoryId: number, name: Tag) =>
  tx.row<TagRow>(
    'SELECT t.manifest_id AS "manifestId", m.digest, t.pinned, t.updated_at AS "updatedAt" FROM tags t ' +
      "JOIN manifests m ON m.id = t.manifest_id WHERE t.repository_id = $1 AND t.name = $2",
    [repositoryId, name],
  );

/** Locked, so that nobody forgets it meanwhile. */
const findRemoved = (tx: Queries, id: number) =>
  tx.row<RemovedRow>(
    'SELECT x.id, r.name AS repository, x.name, x.manifest_id AS "manifestId", m.digest, ' +
      'm.media_type AS "mediaType", m.size, x.removed_at AS "removedAt", x.removed_by AS "removedBy", x.rule, ' +
      'x.owner, x.updated_at AS "updatedAt" FROM removed_tags x JOIN repositories r ON r.id = x.repository_id ' +
      "JOIN manifests m ON m.id = x.manifest_id WHERE x.id = $1 FOR UPDATE OF x",
    [id],
  );
