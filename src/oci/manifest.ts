import type { Digest } from "./digest.ts";
import { asObject, ManifestFault, readDescriptor, type Descriptor } from "./descriptor.ts";
import {
  dockerSchema1,
  dockerSchema1Signed,
  isIndexType,
  isManifestType,
  isMediaType,
  ociIndex,
  ociManifest,
} from "./media-type.ts";
import { parseStrictJson } from "./strict-json.ts";

/** What a registry reads from manifest bytes; the bytes themselves are kept as they are. */
export interface ParsedManifest {
  kind: "image" | "index";
  /** What the manifest is served as. */
  mediaType: string;
  /** Config and layers of an image. */
  blobs: Descriptor[];
  /** Children of an index. */
  manifests: Descriptor[];
  subject: Digest | undefined;
  /**
   * As a referrers list shows it: artifactType, else the config's media type (images only), else none.
   * distribution-spec "Listing Referrers".
   */
  artifactType: string | undefined;
  annotations: Record<string, string> | undefined;
}

// An image manifest needs about 5 levels; custom fields get plenty.
const maxDepth = 100;

/**
 * Takes manifest bytes apart. image-spec manifest.md and image-index.md; Docker schema 2 and lists.
 * @param contentType the media type that the client sent, without parameters; undefined when it sent none.
 * @returns the manifest, or the fault in words that follow "the manifest is refused: ".
 */
export function parseManifest(
  bytes: Uint8Array,
  contentType: string | undefined,
): { manifest: ParsedManifest } | { fault: string } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { fault: "it is not UTF-8" };
  }
  const json = parseStrictJson(text, maxDepth);
  if ("fault" in json) return json;
  try {
    return { manifest: readManifest(asObject(json.value, "it"), contentType) };
  } catch (error) {
    if (error instanceof ManifestFault) return { fault: error.message };
    throw error;
  }
}

function readManifest(object: Record<string, unknown>, contentType: string | undefined): ParsedManifest {
  const mediaType = readMediaType(object, contentType);
  if (object.schemaVersion !== 2) throw new ManifestFault("schemaVersion is not 2");
  const hasImageFields = object.config !== undefined || object.layers !== undefined;
  const hasIndexFields = object.manifests !== undefined;
  if (hasImageFields && hasIndexFields)
    throw new ManifestFault(
      "it has the fields of an image (config, layers) and of an index (manifests) at once",
    );

  const index = isIndexType(mediaType);
  if (index && !hasIndexFields) throw new ManifestFault("an index needs the field manifests");
  if (!index && object.config === undefined)
    throw new ManifestFault("an image manifest needs the field config");

  const config = index ? undefined : readDescriptor(object.config, "config");
  const artifactType = readArtifactType(object.artifactType) ?? config?.mediaType;
  return {
    kind: index ? "index" : "image",
    mediaType,
    blobs: config === undefined ? [] : [config, ...readDescriptors(object.layers, "layers")],
    manifests: index ? readDescriptors(object.manifests, "manifests") : [],
    subject: object.subject === undefined ? undefined : readDescriptor(object.subject, "subject").digest,
    artifactType,
    annotations: readAnnotations(object.annotations),
  };
}

/** The type that body and header agree on. Only where both are silent the fields decide. */
function readMediaType(object: Record<string, unknown>, contentType: string | undefined): string {
  const inBody = object.mediaType;
  if (inBody !== undefined && typeof inBody !== "string")
    throw new ManifestFault("mediaType is not a string");
  if (contentType !== undefined && inBody !== undefined && inBody !== "" && inBody !== contentType)
    throw new ManifestFault(
      `its mediaType is ${clip(inBody)}, but the Content-Type says ${clip(contentType)}`,
    );
  const mediaType =
    contentType ??
    (inBody !== "" ? inBody : undefined) ??
    (object.manifests === undefined ? ociManifest : ociIndex);
  if (mediaType === dockerSchema1 || mediaType === dockerSchema1Signed || object.schemaVersion === 1)
    throw new ManifestFault(
      "Docker schema 1 is not accepted; push with a client that writes schema 2 or OCI",
    );
  if (!isIndexType(mediaType) && !isManifestType(mediaType))
    throw new ManifestFault(`${clip(mediaType)} is not a manifest type that this registry knows`);
  return mediaType;
}

function readDescriptors(value: unknown, where: string): Descriptor[] {
  // Go programs write an empty list as null.
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ManifestFault(`${where} is not a list`);
  return value.map((entry, i) => readDescriptor(entry, `${where}[${i}]`));
}

function readArtifactType(value: unknown): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (typeof value !== "string" || !isMediaType(value))
    throw new ManifestFault("artifactType is not a media type (RFC 6838)");
  return value;
}

function readAnnotations(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  const object = asObject(value, "annotations");
  for (const [key, entry] of Object.entries(object))
    if (typeof entry !== "string")
      throw new ManifestFault(`annotations[${JSON.stringify(clip(key))}] is not a string`);
  return object as Record<string, string>;
}

function clip(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
