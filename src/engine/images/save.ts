import type { Clock } from "#core/clock.ts";
import type { Content } from "#core/engine/content.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import { AppError } from "#core/errors.ts";
import { algorithmOf, hexOf, type Digest } from "#oci/digest.ts";
import { familiar, repositoryOf } from "#oci/image-reference.ts";
import { ociIndex } from "#oci/media-type.ts";
import { tarOf, type TarEntry } from "#kit/tar-writer.ts";
import type { Arrivals } from "./arrivals.ts";
import { imageEvent } from "./image-event.ts";
import type { ImageList } from "./image-list.ts";
import type { ImageManifest, Manifests } from "./manifests.ts";
import { nameOf, readName, repositoryIn } from "./read-name.ts";

interface Saved {
  image: ImageRecord;
  manifest: ImageManifest;
  /** Qualified, with tag. */
  tags: string[];
}

/** `docker save`: one tar that is an OCI layout and docker's own archive at once, of the very bytes that were pulled. */
export function createSave(parts: {
  list: ImageList;
  manifests: Manifests;
  content: Content;
  arrivals: Arrivals;
  events: EngineEvents;
  clock: Clock;
}) {
  const { list, manifests, content, arrivals, events, clock } = parts;

  /** Images that a name means: all tags of a repository where it says none. */
  function meant(name: string): { image: ImageRecord; tags: string[] }[] {
    const reference = readName(name);
    if (reference !== undefined && reference.tag === undefined && reference.digest === undefined) {
      const repository = repositoryOf(reference);
      const found = list.all().flatMap((image) => {
        const tags = image.tags.filter((tag) => repositoryIn(tag) === repository);
        return tags.length === 0 ? [] : [{ image, tags }];
      });
      if (found.length > 0) return found;
    }
    const image = list.look(name);
    if (image === undefined) {
      const precise = reference?.tag !== undefined || reference?.digest !== undefined;
      throw new AppError("engine-missing", precise ? "reference does not exist" : `No such image: ${name}`);
    }
    const full = reference && nameOf(reference);
    return [{ image, tags: image.tags.filter((tag) => tag === full) }];
  }

  async function read(names: readonly string[]): Promise<Saved[]> {
    const saved = new Map<Digest, Saved>();
    for (const { image, tags } of names.flatMap(meant)) {
      const known = saved.get(image.id);
      if (known !== undefined) known.tags = [...new Set([...known.tags, ...tags])];
      else
        saved.set(image.id, {
          image,
          tags,
          manifest: await manifests.get(image.manifest, image.manifestType),
        });
    }
    for (const { manifest } of saved.values())
      for (const { digest } of [manifest.config, ...manifest.layers])
        if (!(await content.has(digest)))
          throw new AppError(
            "engine-failed",
            `the content ${digest} isn't here any more; pull the image again`,
          );
    return [...saved.values()];
  }

  async function* entries(saved: readonly Saved[]): AsyncGenerator<TarEntry, void, undefined> {
    const written = new Set<Digest>();
    for (const folder of ["blobs/", "blobs/sha256/"]) yield { name: folder, size: 0, body: [] };
    for (const { image, manifest } of saved)
      for (const digest of [
        manifest.config.digest,
        ...manifest.layers.map((layer) => layer.digest),
        image.manifest,
      ]) {
        if (written.has(digest)) continue;
        written.add(digest);
        const blob = await content.open(digest);
        if (blob === undefined)
          throw new AppError("engine-failed", `the content ${digest} isn't here any more`);
        try {
          const body = blob.size === 0 ? [] : copies(blob.read(0, blob.size - 1));
          yield { name: pathOf(digest), size: blob.size, body };
        } finally {
          await blob.close();
        }
      }
    const index = await Promise.all(
      saved.map(async ({ image, tags }) => describe(image, tags, await sizeOf(image.manifest))),
    );
    yield textEntry("index.json", { schemaVersion: 2, mediaType: ociIndex, manifests: index.flat() });
    yield textEntry("manifest.json", saved.map(dockerManifestOf));
    yield textEntry("oci-layout", { imageLayoutVersion: "1.0.0" });
    const repositories = repositoriesOf(saved);
    if (Object.keys(repositories).length > 0) yield textEntry("repositories", repositories);
  }

  async function sizeOf(digest: Digest): Promise<number> {
    const blob = await content.open(digest);
    await blob?.close();
    return blob?.size ?? 0;
  }

  /** Everything is known to be there when it resolves. */
  return async (names: readonly string[]): Promise<AsyncIterable<Uint8Array>> => {
    const saved = await read(names);
    return (async function* () {
      const leave = await arrivals.enter();
      try {
        yield* tarOf(entries(saved), Math.trunc(clock() / 1000));
        for (const { image } of saved) events.emit(imageEvent("save", image));
      } finally {
        leave();
      }
    })();
  };
}

/** The reader may keep what it gets: a socket does, while the blob's buffer is filled again. */
async function* copies(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of body) yield new Uint8Array(chunk);
}

function pathOf(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

/** One descriptor for each name; one without a name where there is none. */
function describe({ manifest, manifestType, config }: ImageRecord, tags: readonly string[], size: number) {
  const { architecture, os, variant } = config;
  const platform = { architecture, os, ...(variant === undefined ? {} : { variant }) };
  const plain = { mediaType: manifestType, digest: manifest, size, platform };
  if (tags.length === 0) return [plain];
  return tags.map((name) => ({
    ...plain,
    annotations: {
      "io.containerd.image.name": name,
      "org.opencontainers.image.ref.name": name.slice(repositoryIn(name).length + 1),
    },
  }));
}

function dockerManifestOf({ manifest, tags }: Saved) {
  return {
    Config: pathOf(manifest.config.digest),
    RepoTags: tags.length === 0 ? null : tags.map(familiar),
    Layers: manifest.layers.map(({ digest }) => pathOf(digest)),
  };
}

function repositoriesOf(saved: readonly Saved[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {};
  for (const { manifest, tags } of saved)
    for (const name of tags) {
      const repository = repositoryIn(name);
      const top = manifest.layers.at(-1);
      if (top !== undefined)
        (repositories[familiar(repository)] ??= {})[name.slice(repository.length + 1)] = hexOf(top.digest);
    }
  return repositories;
}

function textEntry(name: string, value: unknown): TarEntry {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return { name, size: body.length, body: [body] };
}
