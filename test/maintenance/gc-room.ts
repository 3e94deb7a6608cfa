import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { createAccess } from "#auth/policy.ts";
import type { BlobStore, Location } from "#core/blob-store.ts";
import type { Caller } from "#core/caller.ts";
import { fixed, live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { ManifestReference } from "#core/metadata/repositories.ts";
import { createCollector, type CollectorParts, type GcOrder } from "#maintenance/gc/collector.ts";
import type { GcRules } from "#maintenance/gc/gc-rules.ts";
import type { GcReport, Reason } from "#maintenance/gc/gc-report.ts";
import { removeBytes } from "#maintenance/gc/remove-bytes.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { createUploads } from "#registry/uploads.ts";
import { policyOf } from "#app/settings.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { freshBytes, oci, type Descriptor, type ManifestContent } from "../harness/registry-content.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
export const team = "team/app" as RepositoryName;
export const other = "other/app" as RepositoryName;
export const nobody = {} as Caller;

/** Real metadata, a real store and a collector, whose common clock the test sets; nobody pauses. */
export async function openRoom(
  t: TestContext,
  change: (parts: CollectorParts) => Partial<CollectorParts> = () => ({}),
  places: { metadata?: Metadata; store?: BlobStore } = {},
) {
  const folder = tempFolder();
  const store = places.store ?? (await createDiskStore({ path: folder.file("store") }));
  const path = folder.file("berth.db");
  const metadata = places.metadata ?? (await openSqliteMetadata({ path, migrationsDir: migrations }));
  t.after(async () => {
    if (places.metadata === undefined) await metadata[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const { repositories, garbage, leases } = metadata;
  const rules = live<GcRules>({ grace: day, untagged: [], referrers: "with-subject", pace: 25 });
  const clock = () => room.now;
  const access = createAccess(fixed(policyOf(defaultConfig(folder.path))));
  const uploads = createUploads({ store, repositories, uploads: metadata.uploads, access, clock });
  const expired = () => room.now - day;
  const parts: CollectorParts = {
    garbage,
    repositories,
    tagRoom: metadata.tagRoom,
    immutable: () => undefined,
    housekeeping: metadata.housekeeping,
    leases,
    store,
    uploads: {
      purge: () => uploads.purge(expired()),
      stale: () => uploads.stale(expired()),
      oldest: () => metadata.uploads.oldest(),
    },
    removeBytes: (signal) => removeBytes({ garbage, store, leases }, room.now - minute, signal),
    rules,
    clock,
    rest: () => Promise.resolve(),
  };
  const collector = createCollector({ ...parts, ...change(parts) });

  const room = {
    // Stored files have the real time.
    now: Date.now(),
    store,
    metadata,
    repositories,
    garbage,
    uploads,
    rules,

    set(more: Partial<GcRules>): void {
      rules.swap({ ...rules.current, ...more });
    },

    async blob(repository: RepositoryName, bytes: Uint8Array = freshBytes(500)): Promise<Digest> {
      const digest = digestOf("sha256", bytes);
      const location = await store.put(digest, bytes);
      const add = { repository, digest, size: bytes.length, location, now: room.now };
      const given = { ...add, upload: undefined, replace: undefined, by: undefined };
      const { redundant } = await repositories.addBlob(given);
      if (redundant !== undefined) await store.delete(redundant);
      return digest;
    },

    async put(repository: RepositoryName, content: ManifestContent, ...tags: string[]): Promise<Digest> {
      for (const { bytes } of content.blobs) await room.blob(repository, bytes);
      return room.manifest(repository, content, ...tags);
    },

    /** The manifest alone. */
    async manifest(repository: RepositoryName, content: ManifestContent, ...tags: string[]): Promise<Digest> {
      const parsed = parseManifest(content.bytes, content.mediaType);
      if ("fault" in parsed) throw new Error(parsed.fault);
      const { blobs, manifests, subject, artifactType } = parsed.manifest;
      const named = (kind: ManifestReference["kind"]) => (one: { digest: Digest; size: number }) => ({
        digest: one.digest,
        size: one.size,
        kind,
        required: true,
      });
      const put = await repositories.putManifest({
        repository,
        digest: content.digest as Digest,
        mediaType: content.mediaType,
        size: content.size,
        bytes: content.bytes,
        subject,
        artifactType,
        annotations: undefined,
        references: [...blobs.map(named("blob")), ...manifests.map(named("manifest"))],
        tags: tags.map((name) => ({ name: name as Tag, was: "any" as const })),
        expect: undefined,
        now: room.now,
        by: undefined,
      });
      if (put.outcome !== "stored") throw new Error(put.outcome);
      return content.digest as Digest;
    },

    image: (subject?: Descriptor) => oci.image(subject === undefined ? {} : { subject }),

    async remove(repository: RepositoryName, digest: Digest): Promise<void> {
      await repositories.deleteManifest(repository, digest, {}, room.now, undefined);
    },

    run: (order: Partial<GcOrder> = {}, signal = new AbortController().signal): Promise<GcReport> =>
      collector.run({ strays: true, ...order }, signal),

    /** Time passes, then a run. */
    later(ms: number, order: Partial<GcOrder> = {}): Promise<GcReport> {
      room.now += ms;
      return room.run(order);
    },

    /** A run after the grace, and one after what it found may go, until there is nothing more. */
    async settle(): Promise<void> {
      for (let i = 0; i < 12; i++) {
        const { reasons, freed, waiting } = await room.later(day + minute, { allStrays: true });
        const strays = await garbage.strays(1, undefined);
        if (reasons.length === 0 && freed.blobs === 0 && waiting.blobs === 0 && strays.length === 0) return;
      }
      throw new Error("it doesn't settle");
    },

    async location(digest: Digest): Promise<Location | undefined> {
      return (await repositories.recordedBlob(digest))?.location;
    },

    isStored: (location: Location) => existsSync(join(folder.file("store"), "blobs", location)),

    /** Every file below the folder of blobs. */
    async files(): Promise<string[]> {
      const below = await readdir(folder.file("store/blobs"), { recursive: true, withFileTypes: true });
      return below.filter((entry) => entry.isFile()).map(({ name }) => name);
    },
  };
  return room;
}

export type Room = Awaited<ReturnType<typeof openRoom>>;

/** So many for each reason. */
export function counts({ reasons }: GcReport): Partial<Record<Reason, number>> {
  return Object.fromEntries(reasons.map(({ reason, count }) => [reason, count]));
}
