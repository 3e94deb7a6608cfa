import { AppError } from "#core/errors.ts";
import type { ManifestReference, PutManifest } from "#core/metadata/repositories.ts";
import { algorithmOf, digestOf, type Digest } from "#oci/digest.ts";
import { parseManifest, type ParsedManifest } from "#oci/manifest.ts";
import { isNondistributable } from "#oci/media-type.ts";

/** What a manifest may name that its repository lacks: nothing, children of an index, anything. */
export type MissingReferences = "none" | "index" | "any";

type Facts = "digest" | "mediaType" | "size" | "bytes" | "subject" | "artifactType" | "annotations";

/** What is put of a manifest, whoever brought it. */
export interface ManifestContent extends Pick<PutManifest, Facts> {
  parsed: ParsedManifest;
}

/**
 * Takes a manifest's bytes apart and names them. Throws manifest-invalid, digest-mismatch.
 * @param contentType without parameters; undefined: nobody said.
 * @param named the digest that the bytes must have; undefined: theirs in sha256.
 * @param reference what it was called, for the error.
 */
export function readManifest(
  bytes: Uint8Array,
  contentType: string | undefined,
  named: Digest | undefined,
  reference: string | undefined,
): ManifestContent {
  const result = parseManifest(bytes, contentType);
  if ("fault" in result)
    throw new AppError(
      "manifest-invalid",
      `the manifest is refused: ${result.fault}`,
      reference === undefined ? {} : { subject: reference },
    );
  const { manifest: parsed } = result;
  const digest = digestOf(named === undefined ? "sha256" : algorithmOf(named), bytes);
  if (named !== undefined && named !== digest)
    throw new AppError("digest-mismatch", `the manifest's bytes are ${digest}, not ${named}`, {
      subject: named,
    });
  return {
    parsed,
    digest,
    mediaType: parsed.mediaType,
    size: bytes.length,
    bytes,
    subject: parsed.subject,
    artifactType: parsed.artifactType,
    annotations: parsed.annotations === undefined ? undefined : JSON.stringify(parsed.annotations),
  };
}

/** Each digest once: what the repository must have, by its rule, and what it may lack. */
export function referencesOf(manifest: ParsedManifest, allow: MissingReferences): ManifestReference[] {
  const references = new Map<string, ManifestReference>();
  const add = (reference: ManifestReference) => {
    const key = `${reference.kind} ${reference.digest} ${reference.size}`;
    const before = references.get(key);
    if (before === undefined || reference.required) references.set(key, reference);
  };
  for (const { digest, size, mediaType } of manifest.blobs)
    add({ digest, size, kind: "blob", required: allow !== "any" && !isNondistributable(mediaType) });
  for (const { digest, size } of manifest.manifests)
    add({ digest, size, kind: "manifest", required: allow === "none" });
  return [...references.values()];
}
