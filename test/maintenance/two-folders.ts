import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import type { Location } from "#core/blob-store.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import {
  moveBlobs,
  type DamagedBlob,
  type MoveParts,
  type Moved,
  type Side,
} from "#maintenance/moving/move-blobs.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";

export const repository = "team/app" as RepositoryName;

export interface Folders extends AsyncDisposable {
  metadata: Metadata;
  /** Where blobs are, and where they shall be. */
  old: Side;
  fresh: Side;
  /** The file of a location in the old store. */
  oldFile(location: Location): string;
  /** Stores bytes in the old one and records them. */
  push(bytes: Uint8Array, how?: "sha256" | "sha512"): Promise<Digest>;
  move(more?: Partial<MoveParts>): Promise<Moved & { told: DamagedBlob[] }>;
}

/** Real metadata and two real stores in folders; a store owns what it gave out. */
export async function openFolders(): Promise<Folders> {
  const folder = tempFolder();
  const metadata = await openSqliteMetadata({ path: folder.file("berth.db"), migrationsDir: migrations });
  const old = await side(folder.file("old"));
  const fresh = await side(folder.file("fresh"));
  return {
    metadata,
    old,
    fresh,
    oldFile: (location) => join(folder.file("old"), "blobs", location),
    async push(bytes, how = "sha256") {
      const digest = digestOf(how, bytes);
      const location = await old.store.put(digest, bytes);
      const add = { repository, digest, size: bytes.length, location, now: 1 };
      await metadata.repositories.addBlob({ ...add, upload: undefined, replace: undefined, by: undefined });
      return digest;
    },
    async move(more = {}) {
      const told: DamagedBlob[] = [];
      const nothing = () => undefined;
      const watch = {
        bytes: nothing,
        blob: nothing,
        waiting: nothing,
        damaged: (one: DamagedBlob) => told.push(one),
      };
      const { repositories, leases } = metadata;
      const moved = await moveBlobs({
        repositories,
        leases,
        from: old,
        to: fresh,
        parallel: 3,
        removeAfter: undefined,
        signal: new AbortController().signal,
        watch,
        ...more,
      });
      return { ...moved, told };
    },
    async [Symbol.asyncDispose]() {
      await metadata[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

export const sizes = [0, 1, 1000, 70_000, 1024 * 1024, 1024 * 1024 + 1, 3_000_000];
export const someBlobs = () => sizes.map((size) => randomBytes(size));

async function side(path: string): Promise<Side> {
  const store = await createDiskStore({ path });
  const given = new Set<Location>();
  const kept = (location: Location) => {
    given.add(location);
    return location;
  };
  return {
    owns: (location) => given.has(location),
    store: {
      ...store,
      put: async (digest, bytes) => kept(await store.put(digest, bytes)),
      commit: async (handle, digest, size) => kept(await store.commit(handle, digest, size)),
    },
  };
}
