import type { AuditActor } from "#core/audit.ts";
import type { DeleteFacts, DeleteOutcome } from "#core/metadata/repositories.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { auditRows } from "../audit-rows.ts";
import type { Connection } from "../connection.ts";
import { eventRows } from "../event-rows.ts";
import { removedTagRows } from "../removed-tag-rows.ts";
import { repositoryRows } from "../repository-rows.ts";
import { tagRows } from "../tag-rows.ts";

export interface DeleteTag {
  repository: RepositoryName;
  tag: Tag;
  facts: DeleteFacts;
  now: number;
  by: AuditActor | undefined;
}

export function tagOperations(db: Connection) {
  const repositories = repositoryRows(db);
  const tags = tagRows(db);
  const audit = auditRows(db);
  const events = eventRows(db);
  const removed = removedTagRows(db);

  return {
    deleteTag({ repository, tag, facts, now, by }: DeleteTag): DeleteOutcome {
      const repositoryId = repositories.find(repository);
      const target = tags.target(repositoryId, tag);
      if (!target) return "unknown";
      if (!tags.factsHold(facts, target.manifestId, target.digest)) return "changed";
      removed.take({ repository, repositoryId, tag, now, by });
      const { digest } = target;
      audit.change(by, now, { action: "delete-tag", repository, tag, digest });
      events.change(by, now, { action: "delete", kind: "manifest", repository, tag, digest });
      return "deleted";
    },
  };
}

export type TagOperations = ReturnType<typeof tagOperations>;
