import type { ManifestReference } from "#core/metadata/repositories.ts";
import type { ParsedManifest } from "#oci/manifest.ts";

/**
 * What a manifest names, each once, nothing of it required: what the source lacks was accepted there,
 * and is recorded as an intended hole.
 */
export function optionalReferences(manifest: ParsedManifest): ManifestReference[] {
  const references = new Map<string, ManifestReference>();
  const add = (kind: "blob" | "manifest", { digest, size }: ParsedManifest["blobs"][number]) =>
    references.set(`${kind} ${digest} ${size}`, { digest, size, kind, required: false });
  for (const blob of manifest.blobs) add("blob", blob);
  for (const child of manifest.manifests) add("manifest", child);
  return [...references.values()];
}
