import type { AuditActor } from "#core/audit.ts";
import type { BlobStore, Location } from "#core/blob-store.ts";
import type { Clock } from "#core/clock.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { RegistrySource } from "#core/registry-source.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

export interface ImportParts {
  source: RegistrySource;
  /** What Berth has already. */
  facts: Pick<Repositories, "anyBlob" | "blob" | "manifestFacts" | "manifest">;
  /** Undefined: a dry run; nothing is written. */
  into: ImportInto | undefined;
  /** Bytes; longer manifests are left out. */
  manifestLimit: number;
  clock: Clock;
  /** Whom the audit log names; undefined: it is off. */
  by: AuditActor | undefined;
  /** Told as it goes. */
  progress: ImportProgress;
}

export interface ImportInto {
  repositories: Pick<Repositories, "recordedBlob" | "addBlob" | "mount" | "putManifest">;
  /** What is there already stays until its manifest comes; false: it went just now. */
  touch?: ((repository: RepositoryName, digest: Digest) => Promise<boolean>) | undefined;
  store: ImportStore;
}

export interface ImportOptions {
  /** Which repositories. */
  takes: (name: string) => boolean;
  /** Tags that point elsewhere in Berth are moved to what the source says. */
  overwrite: boolean;
}

export interface ImportProgress {
  /** What there is to do, once it is known. */
  expect(total: { items: number; bytes: number }): void;
  add(bytes: number): void;
  /** One blob is done. */
  done(): void;
}

export interface ImportStore extends Pick<
  BlobStore,
  "begin" | "append" | "commit" | "abort" | "put" | "open" | "stat" | "delete"
> {
  /**
   * Takes a file of this machine over without copying its bytes, verified and durable as by `commit`.
   * Undefined: not possible here. Throws digest-mismatch.
   */
  adopt?: ((file: string, digest: Digest) => Promise<Adopted | undefined>) | undefined;
}

export interface Adopted {
  location: Location;
  /** Bytes. */
  size: number;
  how: "linked" | "cloned";
}
