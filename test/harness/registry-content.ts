import { createHash, randomBytes } from "node:crypto";
import { dockerList, dockerManifest, ociIndex, ociManifest } from "#oci/media-type.ts";

export type Algorithm = "sha256" | "sha512";

/** What a manifest says of something it names. `extra` members (data, urls, platform, …) go in as they are. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  [extra: string]: unknown;
}

export interface Content {
  bytes: Buffer;
  digest: string;
}

/** A manifest or index ready to push: its exact bytes, their digest, and how another one would name it. */
export interface ManifestContent extends Content {
  mediaType: string;
  size: number;
  descriptor: Descriptor;
  /** What an image names and a client pushes first. Empty for an index. */
  blobs: Content[];
}

export interface ImageParts {
  /** Bytes of the config. */
  config?: Uint8Array;
  configType?: string;
  /** Bytes of each layer; descriptors are used as they are and nothing is pushed for them. */
  layers?: (Uint8Array | Descriptor)[];
  /** Docker schema 2 instead of OCI. */
  docker?: boolean;
  artifactType?: string;
  subject?: Descriptor;
  annotations?: Record<string, string>;
  algorithm?: Algorithm;
  /** Further members of the manifest; they win over the others. */
  extra?: Record<string, unknown>;
}

export interface IndexParts {
  manifests?: Descriptor[];
  docker?: boolean;
  artifactType?: string;
  subject?: Descriptor;
  annotations?: Record<string, string>;
  algorithm?: Algorithm;
  extra?: Record<string, unknown>;
}

export function digestOf(bytes: Uint8Array, algorithm: Algorithm = "sha256"): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

/** Random bytes: content that nobody pushed before. */
export function freshBytes(size = 32): Buffer {
  return randomBytes(size);
}

/** A well-formed digest of nothing that exists. */
export function unknownDigest(algorithm: Algorithm = "sha256"): string {
  return digestOf(freshBytes(), algorithm);
}

function descriptorOf(mediaType: string, bytes: Uint8Array, algorithm: Algorithm): Descriptor {
  return { mediaType, digest: digestOf(bytes, algorithm), size: bytes.length };
}

/** JSON with spaces as no serialiser here would set them, so that a registry that rewrites it is found out. */
function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value, null, 3) + "\n");
}

function manifestContent(mediaType: string, value: unknown, blobs: Content[], algorithm: Algorithm) {
  const bytes = encode(value);
  const descriptor = descriptorOf(mediaType, bytes, algorithm);
  return {
    bytes,
    digest: descriptor.digest,
    mediaType,
    size: bytes.length,
    descriptor,
    blobs,
  };
}

/** An image (one fresh config and one fresh layer by default). */
function image(parts: ImageParts = {}): ManifestContent {
  const algorithm = parts.algorithm ?? "sha256";
  const docker = parts.docker ?? false;
  const mediaType = docker ? dockerManifest : ociManifest;
  const config =
    parts.config ??
    encode({
      architecture: "amd64",
      os: "linux",
      author: freshBytes(8).toString("hex"),
    });
  const configType =
    parts.configType ??
    (docker ? "application/vnd.docker.container.image.v1+json" : "application/vnd.oci.image.config.v1+json");
  const layerType = docker
    ? "application/vnd.docker.image.rootfs.diff.tar.gzip"
    : "application/vnd.oci.image.layer.v1.tar+gzip";
  const blobs: Content[] = [{ bytes: Buffer.from(config), digest: digestOf(config, algorithm) }];
  const layers = (parts.layers ?? [freshBytes(64)]).map((layer) => {
    if (!(layer instanceof Uint8Array)) return layer;
    blobs.push({
      bytes: Buffer.from(layer),
      digest: digestOf(layer, algorithm),
    });
    return descriptorOf(layerType, layer, algorithm);
  });
  const value = {
    schemaVersion: 2,
    mediaType,
    artifactType: parts.artifactType,
    config: descriptorOf(configType, config, algorithm),
    layers,
    subject: parts.subject,
    annotations: parts.annotations,
    ...parts.extra,
  };
  return manifestContent(mediaType, value, blobs, algorithm);
}

/** An index over `manifests` (none by default). */
function index(parts: IndexParts = {}): ManifestContent {
  const mediaType = (parts.docker ?? false) ? dockerList : ociIndex;
  const value = {
    schemaVersion: 2,
    mediaType,
    artifactType: parts.artifactType,
    manifests: parts.manifests ?? [],
    subject: parts.subject,
    annotations: parts.annotations,
    ...parts.extra,
  };
  return manifestContent(mediaType, value, [], parts.algorithm ?? "sha256");
}

/** Any JSON value as manifest bytes, for what no builder would make. */
function json(mediaType: string, value: unknown, algorithm: Algorithm = "sha256"): ManifestContent {
  return manifestContent(mediaType, value, [], algorithm);
}

export const oci = { image, index, json };
