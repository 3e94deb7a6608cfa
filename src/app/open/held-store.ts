import { ownsInS3 } from "#adapters/s3/layout.ts";
import type { Config } from "#config/config.ts";
import type { BlobStore } from "#core/blob-store.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { heldWhileRead } from "#maintenance/gc/held-while-read.ts";

/** The store for a process that serves: what it reads for long out of a bucket isn't removed meanwhile. */
export function heldStore(
  { storage }: Pick<Config, "storage">,
  store: BlobStore,
  { leases }: Pick<Metadata, "leases">,
): BlobStore {
  // On a disk an open file stays readable.
  return storage.stores.includes("s3") ? heldWhileRead(store, { leases, breaksOff: ownsInS3 }) : store;
}
