import type { Digest } from "#oci/digest.ts";
import type { Tag } from "#oci/reference.ts";

/** Every digest holds a colon, and no tag can. */
export function isDigest(reference: Digest | Tag): reference is Digest {
  return reference.includes(":");
}
