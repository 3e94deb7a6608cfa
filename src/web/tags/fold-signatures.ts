import type { TagView } from "#core/web/views.ts";

export interface FoldedTag extends TagView {
  /** Tags that are about this one: its signature and the like. */
  companions: TagView[];
}

/**
 * Puts `sha256-….sig` and the like under what they are about. One whose subject isn't in the list stands alone.
 * @param tags in the order of the list, which is kept
 */
export function foldSignatures(tags: readonly TagView[]): FoldedTag[] {
  const digests = new Set(tags.map(({ digest }) => digest));
  const isCompanion = ({ about, digest }: TagView) =>
    about !== undefined && about !== digest && digests.has(about);
  return tags
    .filter((tag) => !isCompanion(tag))
    .map((tag) => ({
      ...tag,
      companions: tags.filter((other) => isCompanion(other) && other.about === tag.digest),
    }));
}
