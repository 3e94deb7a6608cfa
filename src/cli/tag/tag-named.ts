import { parseRepositoryName, parseTag, type RepositoryName, type Tag } from "#oci/reference.ts";
import { UsageError } from "../usage-error.ts";

/** What `REPOSITORY:TAG` names. Throws UsageError. */
export function tagNamed(text: string): { repository: RepositoryName; tag: Tag } {
  const colon = text.lastIndexOf(":");
  const repository = parseRepositoryName(text.slice(0, Math.max(0, colon)));
  const tag = parseTag(text.slice(colon + 1));
  if (repository === undefined || tag === undefined) throw new UsageError(`"${text}" is not REPOSITORY:TAG`);
  return { repository, tag };
}

/** Throws UsageError. */
export function repositoryNamed(text: string): RepositoryName {
  const name = parseRepositoryName(text);
  if (name === undefined) throw new UsageError(`"${text}" is not the name of a repository`);
  return name;
}
