/**
 * The engine's own images: a list of what was run, pulled, loaded, tagged, committed here, and the unpacked layers that
 * containers are made of. Owns the shelves of images and layers and their folders; never changes a tag, manifest or blob
 * of the registry (only `push` writes there). Flow: a name → the list, else Registries → Content → record → layers
 * unpacked once for each diffID → list.
 */
import type { Filters } from "#core/engine/filters.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import type { ContainerRecord } from "#core/engine/container.ts";
import type { RegistryCredentials } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import { familiar } from "#oci/image-reference.ts";
import { createArrivals } from "./arrivals.ts";
import { createCommit } from "./commit.ts";
import { createForContainer } from "./for-container.ts";
import { historyOf } from "./history.ts";
import { imageEvent } from "./image-event.ts";
import { createImageList } from "./image-list.ts";
import { createImportRoot } from "./import-root.ts";
import { createLayers } from "./layers.ts";
import { createListImages } from "./list-images.ts";
import { createLoad } from "./load.ts";
import { createManifests } from "./manifests.ts";
import type { ImagesParts } from "./parts.ts";
import { createPrune } from "./prune.ts";
import { createPull } from "./pull.ts";
import { createPush } from "./push.ts";
import { nameOf, noSuchImage, readTarget } from "./read-name.ts";
import { createRemove, type RemoveOptions } from "./remove.ts";
import { createSave } from "./save.ts";
import { searchRepositories } from "./search.ts";
import { tidy } from "./tidy.ts";
import { nowText } from "../times.ts";

export type Images = ReturnType<typeof createImages>;

export function createImages(given: ImagesParts) {
  const { records, content, snapshots, registries, containers, events, clock, platform } = given;
  const list = createImageList(records.images);
  const layers = createLayers(records.layers, snapshots, content, clock);
  const manifests = createManifests(content);
  const arrivals = createArrivals(() => tidy({ list, layers, manifests, content, containers }));
  const parts = {
    list,
    layers,
    manifests,
    content,
    registries,
    containers,
    events,
    arrivals,
    clock,
    platform,
  };
  const remove = createRemove(parts);
  const prune = createPrune({ ...parts, remove });
  const listImages = createListImages(parts);

  return {
    /** What is on the shelves; before everything else. */
    async restore(): Promise<void> {
      await list.restore();
      await layers.restore();
    },
    /** Once, when containers are restored, too: removes what a crash left and what nobody needs. */
    async sweep(): Promise<void> {
      await arrivals.tidy();
      await snapshots.sweep({
        layers: new Set((await records.layers.all()).map(({ id }) => id)),
        containers: new Set(containers.all().map(({ id }) => id)),
      });
    },
    /** After containers were removed, which may have held layers of images that are gone. */
    tidy: (): Promise<void> => arrivals.tidy(),

    /** A container is gone: it may have been the last to need the layers of an image that is gone from the list. */
    async released({ image }: ContainerRecord): Promise<void> {
      if (list.get(image) === undefined) await arrivals.tidy();
    },

    /** For create: its image, unpacked. Throws engine-missing `No such image: busybox:latest`. */
    forContainer: createForContainer(parts),
    commit: createCommit(parts),
    /** What `ps` calls a container's image: what was typed, while that still means it. */
    nameOf(container: ContainerRecord): string {
      const typed = container.config.Image;
      return lookQuietly(typed)?.id === container.image ? typed : container.image;
    },
    /** Whether the container was made of the image, or of one that has all of its layers. */
    descendsFrom(container: ContainerRecord, ancestor: string): boolean {
      const found = lookQuietly(ancestor);
      if (found === undefined) return false;
      if (found.id === container.image) return true;
      const below = found.layers ?? [];
      return below.length > 0 && below.every((layer, i) => container.layers[i] === layer);
    },
    /** Unpacked layers, for `system df`: their bytes together, each once. */
    async layerBytes(): Promise<number> {
      return (await records.layers.all()).reduce((sum, { size }) => sum + size, 0);
    },
    count: (): number => list.all().length,

    async list(query: { all: boolean; filters: Filters; sharedSize: boolean }) {
      return listImages(query);
    },
    async inspect(name: string): Promise<{ image: ImageRecord; parent: string }> {
      const image = list.look(name);
      // dockerd says it twice here, and only here.
      if (image === undefined)
        throw new AppError("engine-missing", `no such image: ${name}: ${noSuchImage(name).message}`);
      return { image, parent: image.parent ?? "" };
    },
    async history(name: string) {
      return historyOf(list, layers, list.find(name));
    },
    async tag(name: string, repo: string, tag: string): Promise<void> {
      const target = nameOf(readTarget(repo, tag));
      await list.change(async () => {
        const image = list.find(name);
        await list.tag(image.id, target, nowText(clock));
        events.emit(imageEvent("tag", image, familiar(target)));
      });
    },
    async remove(name: string, options: RemoveOptions) {
      const removed = await list.change(() => remove(name, options));
      await arrivals.tidy();
      return removed;
    },
    async prune(filters: Filters) {
      const pruned = await list.change(() => prune(filters));
      await arrivals.tidy();
      return pruned;
    },
    pull: createPull(parts),
    push: createPush(parts),
    save: createSave(parts),
    load: createLoad(parts),
    importRoot: createImportRoot({ ...parts, fetchUrl: given.fetchUrl }),
    search: (term: string, limit: number, filters: Filters) =>
      searchRepositories(given.search, term, limit, filters),
    async signIn(credentials: RegistryCredentials): Promise<{ identityToken: string }> {
      return await registries.signIn(credentials, new AbortController().signal);
    },
  };

  /** What a container was made from may be no name any more. */
  function lookQuietly(ref: string): ImageRecord | undefined {
    try {
      return list.look(ref);
    } catch {
      return undefined;
    }
  }
}
