/** Names of repositories and tags. distribution-spec "Pulling manifests". */
export type RepositoryName = string & { readonly __repository: true };
export type Tag = string & { readonly __tag: true };

// One component: runs of [a-z0-9] joined by one separator (`.`, `_`, `__`, or dashes).
const component = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tag = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Clients limit host + "/" + name to 255 characters; the name alone can never be longer. */
export const maxNameLength = 255;

/** The repository name in `text`, or undefined. Components are checked one by one, so no input makes it slow. */
export function parseRepositoryName(text: string): RepositoryName | undefined {
  if (text.length === 0 || text.length > maxNameLength) return undefined;
  for (const part of text.split("/")) if (!component.test(part)) return undefined;
  return text as RepositoryName;
}

export function parseTag(text: string): Tag | undefined {
  return tag.test(text) ? (text as Tag) : undefined;
}
