/** Media types that manifests come in. image-spec media-types.md, and Docker's "Image Manifest V 2, Schema 2". */
export const ociManifest = "application/vnd.oci.image.manifest.v1+json";
export const ociIndex = "application/vnd.oci.image.index.v1+json";
export const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
export const dockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
export const dockerSchema1 = "application/vnd.docker.distribution.manifest.v1+json";
export const dockerSchema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";

export function isIndexType(mediaType: string): boolean {
  return mediaType === ociIndex || mediaType === dockerList;
}

export function isManifestType(mediaType: string): boolean {
  return mediaType === ociManifest || mediaType === dockerManifest;
}

/** Layers that a registry is not asked to hold: image-spec "Non-distributable layers", Docker's foreign layers. */
export function isNondistributable(mediaType: string): boolean {
  return mediaType.includes(".nondistributable.") || mediaType.includes(".foreign.");
}

// RFC 6838 section 4.2: restricted names, 127 characters each side.
const restricted = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

export function isMediaType(text: string): boolean {
  return restricted.test(text);
}

/** `Content-Type` without its parameters (a charset is ignored), lower-case as media types compare. */
export function withoutParameters(contentType: string): string {
  const semicolon = contentType.indexOf(";");
  return (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
}
