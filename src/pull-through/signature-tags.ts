import type { Digest } from "#oci/digest.ts";
import { parseTag, type Tag } from "#oci/reference.ts";

const kinds = ["sig", "att", "sbom"];
/** The referrers tag schema cuts a sha512 digest to 64 characters. */
const schema = /^sha(?:256|512)-[0-9a-f]{64}(?:\.[a-z]+)?$/;

/** Where cosign keeps what it says of a manifest in registries without referrers: `sha256-<hex>.sig` and the like. */
export function signatureTags(subject: Digest): Tag[] {
  return kinds
    .map((kind) => parseTag(`${subject.replace(":", "-")}.${kind}`))
    .filter((tag) => tag !== undefined);
}

/** Whether a tag is no image's, but says something of one: cosign's, or distribution-spec's "Referrers Tag Schema". */
export function isAboutAnother(tag: Tag): boolean {
  return schema.test(tag);
}
