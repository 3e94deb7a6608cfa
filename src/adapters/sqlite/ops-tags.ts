import type { DeleteFacts, DeleteOutcome } from "#core/metadata/repositories.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Connection } from "./connection.ts";
import { repositoryRows } from "./repository-rows.ts";
import { tagRows } from "./tag-rows.ts";

export interface DeleteTag {
  repository: RepositoryName;
  tag: Tag;
  facts: DeleteFacts;
}

export function tagOperations(db: Connection) {
  const repositories = repositoryRows(db);
  const tags = tagRows(db);
  const remove = db.prepare<[number, string]>("DELETE FROM tags WHERE repository_id = ? AND name = ?");

  return {
    deleteTag({ repository, tag, facts }: DeleteTag): DeleteOutcome {
      const repositoryId = repositories.find(repository);
      const target = tags.target(repositoryId, tag);
      if (!target) return "unknown";
      if (!tags.factsHold(facts, target.manifestId, target.digest)) return "changed";
      remove.run(repositoryId, tag);
      return "deleted";
    },
  };
}

export type TagOperations = ReturnType<typeof tagOperations>;
