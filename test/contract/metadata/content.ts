import type { Location, UploadHandle } from "#core/blob-store.ts";
import type { AddBlob, ManifestReference, PutManifest } from "#core/metadata/repositories.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { NewUpload } from "#core/metadata/uploads.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

export type Open = () => Promise<Metadata>;

export const alpha = "alpha/app" as RepositoryName;
export const beta = "beta/app" as RepositoryName;
export const latest = "latest" as Tag;

/** A digest of its own for each text. */
export function digest(text: string): Digest {
  return digestOf("sha256", Buffer.from(text));
}

export function tag(name: string): Tag {
  return name as Tag;
}

export function location(name: string): Location {
  return name as Location;
}

/** The blob `text`, as it is pushed to a repository. */
export function blob(repository: RepositoryName, text: string, rest: Partial<AddBlob> = {}): AddBlob {
  return {
    repository,
    digest: digest(text),
    size: text.length,
    location: location(`at/${text}`),
    upload: undefined,
    replace: undefined,
    now: 1000,
    by: undefined,
    ...rest,
  };
}

/** A manifest with the bytes `text` that names nothing. */
export function manifest(
  repository: RepositoryName,
  text: string,
  rest: Partial<PutManifest> = {},
): PutManifest {
  return {
    repository,
    digest: digest(text),
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    size: text.length,
    bytes: Buffer.from(text),
    subject: undefined,
    artifactType: undefined,
    annotations: undefined,
    references: [],
    tags: [],
    expect: undefined,
    now: 2000,
    by: undefined,
    ...rest,
  };
}

/** A required reference to the blob `text`. */
export function layer(text: string, rest: Partial<ManifestReference> = {}): ManifestReference {
  return { digest: digest(text), size: text.length, kind: "blob", required: true, ...rest };
}

/** A required reference to the manifest `text`. */
export function child(text: string, rest: Partial<ManifestReference> = {}): ManifestReference {
  return layer(text, { kind: "manifest", ...rest });
}

export function upload(id: string, rest: Partial<NewUpload> = {}): NewUpload {
  return {
    id,
    repository: alpha,
    owner: undefined,
    algorithm: "sha256",
    handle: `handle-${id}` as UploadHandle,
    startedAt: 1000,
    ...rest,
  };
}
