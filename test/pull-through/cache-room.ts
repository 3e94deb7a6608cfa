import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createDiskStore } from "#adapters/disk/disk-store.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import type { Location } from "#core/blob-store.ts";
import { cachedName } from "#core/cached-name.ts";
import { live } from "#core/live.ts";
import { removeBytes, type BytesParts } from "#maintenance/gc/remove-bytes.ts";
import type { ManifestReference } from "#core/metadata/repositories.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import { parseManifest } from "#oci/manifest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { createEviction, type EvictionParts, type EvictionReport } from "#pull-through/evict.ts";
import type { CacheLimits, UpstreamLimit } from "#pull-through/evict-limits.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { oci, type ManifestContent } from "../harness/registry-content.ts";

/** ms; the tests' clock begins at an hour. */
export const minute = 60_000;
export const hour = 60 * minute;

/** The cached repository of a public name. */
export const cached = (name: string) => cachedName(name as RepositoryName);
export const hosted = (name: string) => name as RepositoryName;
export const size = 1_000;

/** `size` bytes that the text stands for. */
export function bytesOf(text: string, length = size): Buffer {
  return createHash("shake256", { outputLength: length }).update(text).digest();
}

export const digest = (text: string): Digest => digestOf("sha256", bytesOf(text));

export function upstream(name: string, rest: Partial<UpstreamLimit> = {}): UpstreamLimit {
  return { name, max_bytes: undefined, pinned: [], ...rest };
}

type Report = EvictionReport & { removed: number; failure: unknown };

/**
 * Real metadata and a real store, with an eviction whose clock the test sets; after each of its rounds bytes go that
 * nobody has had for a minute.
 */
export async function openCache(
  t: TestContext,
  { store: removesFrom, ...parts }: Partial<EvictionParts> & { store?: BytesParts["store"] } = {},
) {
  const folder = tempFolder();
  const store = await createDiskStore({ path: folder.file("store") });
  const metadata = await openSqliteMetadata({ path: folder.file("berth.db"), migrationsDir: migrations });
  t.after(async () => {
    await metadata[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const { repositories, leases } = metadata;
  const limits = live<CacheLimits>({
    upstreams: [],
    cache: { max_bytes: undefined, high_water: 100, low_water: 100 },
  });
  const stuck: { upstream: string | undefined; bytes: number; limit: number }[] = [];
  const eviction = createEviction({
    cached: metadata.cached,
    repositories,
    limits,
    clock: () => room.now,
    stuck: (upstream, bytes, limit) => stuck.push({ upstream, bytes, limit }),
    ...parts,
  });

  const room = {
    now: hour,
    store,
    metadata,
    repositories,
    content: metadata.cached,
    garbage: metadata.garbage,
    leases,
    stuck,

    /** What may be kept; water marks in percent. */
    limit(upstreams: UpstreamLimit[], max_bytes?: number, high_water = 100, low_water = 100): void {
      limits.swap({ upstreams, cache: { max_bytes, high_water, low_water } });
    },

    /** The bytes that the text stands for (or these) come to the repository, at the room's time. */
    async blob(repository: RepositoryName, what: string | Uint8Array): Promise<Location> {
      const bytes = typeof what === "string" ? bytesOf(what) : what;
      const digest = digestOf("sha256", bytes);
      const location = await store.put(digest, bytes);
      const { redundant } = await repositories.addBlob({
        repository,
        digest,
        size: bytes.length,
        location,
        upload: undefined,
        replace: undefined,
        now: room.now,
        by: undefined,
      });
      if (redundant !== undefined) await store.delete(redundant);
      return (await repositories.blob(repository, digest))?.location as Location;
    },

    /** A manifest and its blobs come to the repository. */
    async put(repository: RepositoryName, content: ManifestContent, ...tags: string[]): Promise<Digest> {
      for (const { bytes } of content.blobs) await room.blob(repository, bytes);
      const parsed = parseManifest(content.bytes, content.mediaType);
      if ("fault" in parsed) throw new Error(parsed.fault);
      const { blobs, manifests, subject, artifactType } = parsed.manifest;
      const named = (kind: ManifestReference["kind"]) => (one: { digest: Digest; size: number }) => ({
        digest: one.digest,
        size: one.size,
        kind,
        required: false,
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

    /** An image whose config and layer the text stands for. */
    image: (text: string, rest: Parameters<typeof oci.image>[0] = {}) =>
      oci.image({ config: bytesOf(`${text} config`), layers: [bytesOf(`${text} layer`)], ...rest }),

    async round(): Promise<Report> {
      const { signal } = new AbortController();
      const evicted = await eviction.round(signal);
      const bytes = { garbage: metadata.garbage, leases, store: removesFrom ?? store };
      const { removed, more, failure } = await removeBytes(bytes, room.now - minute, signal);
      return { ...evicted, removed, more: evicted.more || more, failure };
    },

    /** Time passes, then a round. */
    later(ms: number): Promise<Report> {
      room.now += ms;
      return room.round();
    },

    /** Which of the texts' blobs the repository still links. */
    async has(repository: RepositoryName, ...texts: string[]): Promise<string[]> {
      const there = await Promise.all(texts.map((text) => repositories.blob(repository, digest(text))));
      return texts.filter((_, i) => there[i] !== undefined);
    },

    onDisk: (location: Location) => existsSync(join(folder.file("store"), "blobs", location)),
    usage: async () => (await metadata.cached.usage()).total,
  };
  return room;
}
