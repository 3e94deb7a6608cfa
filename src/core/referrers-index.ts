import type { Digest } from "#oci/digest.ts";
import { ociIndex } from "#oci/media-type.ts";
import type { Referrer } from "./metadata/repositories.ts";

export interface ReferrersIndex {
  /** An image index as JSON text. distribution-spec "Listing Referrers". */
  index: string;
  /** The digest after which the next page begins; undefined on the last page. */
  next: Digest | undefined;
}

/** Clients read at most 4 MiB of a manifest, so no page is longer. */
const pageBytes = 4 * 1024 * 1024;

/** The list of these, as far as it fits a page. @param more whether others follow after the last. */
export function referrersIndex(items: readonly Referrer[], more: boolean): ReferrersIndex {
  const head = `{"schemaVersion":2,"mediaType":"${ociIndex}","manifests":[`;
  const descriptors: string[] = [];
  let length = head.length + 2;
  let last: Digest | undefined;
  for (const item of items) {
    const text = descriptor(item);
    length += Buffer.byteLength(text) + 1;
    // One descriptor always fits: it is part of a manifest that did.
    if (length > pageBytes && descriptors.length > 0)
      return { index: `${head}${descriptors.join()}]}`, next: last };
    descriptors.push(text);
    last = item.digest;
  }
  return { index: `${head}${descriptors.join()}]}`, next: more ? last : undefined };
}

function descriptor({ mediaType, digest, size, artifactType, annotations }: Referrer): string {
  const fields = [JSON.stringify({ mediaType, digest, size, artifactType }).slice(1, -1)];
  if (annotations !== undefined) fields.push(`"annotations":${annotations}`);
  return `{${fields.join()}}`;
}
