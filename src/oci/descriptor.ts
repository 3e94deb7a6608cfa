import { digestOf, algorithmOf, parseDigest, type Digest } from "./digest.ts";
import { isMediaType } from "./media-type.ts";

/** image-spec descriptor.md, as far as a registry needs it. */
export interface Descriptor {
  mediaType: string;
  digest: Digest;
  /** Bytes. */
  size: number;
}

/** Thrown inside oci/ while a manifest is taken apart; parseManifest turns it into a fault. */
export class ManifestFault extends Error {}

/** @param where the descriptor's place in the manifest, for the message: `layers[3]`. */
export function readDescriptor(value: unknown, where: string): Descriptor {
  const object = asObject(value, where);
  const { mediaType, digest, size, data } = object;
  if (typeof mediaType !== "string" || !isMediaType(mediaType))
    throw new ManifestFault(`${where}.mediaType is not a media type`);
  const parsed = typeof digest === "string" ? parseDigest(digest) : undefined;
  if (parsed === undefined) throw new ManifestFault(`${where}.digest is not a sha256 or sha512 digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0)
    throw new ManifestFault(`${where}.size is not a whole number of bytes`);
  if (data !== undefined) checkData(data, parsed, size, where);
  return { mediaType, digest: parsed, size };
}

export function asObject(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ManifestFault(`${where} is not an object`);
  return value as Record<string, unknown>;
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** `data` embeds the content; a client may use it without asking us, so it must be what the digest says. */
function checkData(data: unknown, digest: Digest, size: number, where: string): void {
  if (typeof data !== "string" || data.length % 4 !== 0 || !base64.test(data))
    throw new ManifestFault(`${where}.data is not base64`);
  const bytes = Buffer.from(data, "base64");
  if (bytes.length !== size || digestOf(algorithmOf(digest), bytes) !== digest)
    throw new ManifestFault(`${where}.data does not match its digest and size`);
}
