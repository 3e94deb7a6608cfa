const known: Record<string, string> = {
  "application/vnd.oci.image.index.v1+json": "OCI index",
  "application/vnd.oci.image.manifest.v1+json": "OCI manifest",
  "application/vnd.docker.distribution.manifest.list.v2+json": "Docker manifest list",
  "application/vnd.docker.distribution.manifest.v2+json": "Docker manifest",
  "application/vnd.docker.distribution.manifest.v1+prettyjws": "Docker manifest, schema 1",
};

/** A media type as people call it, or as it is. */
export function mediaTypeWords(mediaType: string): string {
  return known[mediaType] ?? mediaType;
}
