import type { ContainerRecord } from "#core/engine/container.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import { AppError } from "#core/errors.ts";
import { familiar } from "#oci/image-reference.ts";
import type { Digest } from "#oci/digest.ts";
import type { ContainerLookup } from "../container-lookup.ts";
import { chainIds } from "./chain-ids.ts";
import { imageEvent } from "./image-event.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers } from "./layers.ts";
import { shortId } from "./lines.ts";
import { nameOf, readName, repositoryIn } from "./read-name.ts";

export type RemovedImage = { Untagged: string } | { Deleted: string };

export interface RemoveOptions {
  force: boolean;
  /** Untagged parents go, too. */
  prune: boolean;
}

/**
 * `docker rmi`, by dockerd's rules: a name is taken away; the image goes with its last one, unless a container is in the
 * way. Only the list changes: what nobody needs any more is tidied away afterwards.
 */
export function createRemove(parts: {
  list: ImageList;
  layers: Layers;
  containers: ContainerLookup;
  events: EngineEvents;
}) {
  const { list, containers, events } = parts;

  async function untag(id: Digest, name: string, removed: RemovedImage[]): Promise<void> {
    const image = list.get(id);
    if (image === undefined) return;
    const without = (names: readonly string[]) => names.filter((other) => other !== name);
    await list.put({ ...image, tags: without(image.tags), digests: without(image.digests) });
    events.emit(imageEvent("untag", image));
    removed.push({ Untagged: familiar(name) });
  }

  /** The image itself. @param quiet what is in the way is no fault: only its names were to go. */
  async function drop(
    id: Digest,
    { force, prune }: RemoveOptions,
    removed: RemovedImage[],
    quiet: boolean,
  ): Promise<void> {
    const image = list.get(id);
    if (image === undefined) return;
    const conflict = conflictOf(image, { soft: !force, references: !force });
    if (conflict !== undefined) {
      const dangling = names(image).length === 0 && list.children(id).length === 0;
      if (quiet && (!dangling || conflict.used)) return;
      throw conflict.error;
    }
    for (const name of names(image)) await untag(id, name, removed);
    await list.remove(id);
    events.emit(imageEvent("delete", image));
    removed.push({ Deleted: id });
    for (const chain of lonely(image)) removed.push({ Deleted: chain });
    if (prune && image.parent !== undefined && list.get(image.parent) !== undefined)
      await drop(image.parent, { force: false, prune: true }, removed, true);
  }

  /** Chains of layers that no other image and no container has, the topmost first. */
  function lonely(image: ImageRecord): Digest[] {
    const others = new Set<Digest>();
    for (const { config } of list.all())
      for (const chain of chainIds(config.rootfs.diff_ids)) others.add(chain);
    for (const container of containers.all()) {
      const diffIds = container.layers.map((layer) => parts.layers.byId(layer)?.diffId);
      const known = diffIds.filter((diffId) => diffId !== undefined);
      for (const chain of chainIds(known)) others.add(chain);
    }
    return chainIds(image.config.rootfs.diff_ids)
      .filter((chain) => !others.has(chain))
      .toReversed();
  }

  function conflictOf(
    image: ImageRecord,
    minding: { soft: boolean; references: boolean },
  ): { error: AppError; used: boolean } | undefined {
    const conflict = (how: string, why: string, used: boolean) => ({
      error: new AppError(
        "engine-conflict",
        `conflict: unable to delete ${shortId(image.id)} (${how}) - ${why}`,
      ),
      used,
    });
    if (list.children(image.id).length > 0)
      return conflict("cannot be forced", "image has dependent child images", false);
    const users = containers.all().filter((container) => container.image === image.id);
    const running = users.find(isRunning);
    if (running !== undefined)
      return conflict(
        "cannot be forced",
        `image is being used by running container ${shortId(running.id)}`,
        true,
      );
    if (minding.references && names(image).length > 0)
      return conflict("must be forced", "image is referenced in multiple repositories", false);
    const stopped = minding.soft ? users[0] : undefined;
    return stopped === undefined
      ? undefined
      : conflict("must be forced", `image is being used by stopped container ${shortId(stopped.id)}`, true);
  }

  /** Inside the list's `change`. */
  return async (ref: string, options: RemoveOptions): Promise<RemovedImage[]> => {
    const image = list.find(ref);
    const removed: RemovedImage[] = [];
    const reference = readName(ref);
    const byId = image.id.startsWith(ref) || image.id.slice(image.id.indexOf(":") + 1).startsWith(ref);
    if (reference === undefined || byId) {
      if (isSingle(names(image))) {
        const conflict = conflictOf(image, { soft: !options.force, references: false });
        if (conflict !== undefined) throw conflict.error;
        for (const name of names(image)) await untag(image.id, name, removed);
      }
      await drop(image.id, options, removed, false);
      return removed;
    }
    const user = containers.all().find((container) => container.image === image.id);
    if (!options.force && isSingle(names(image)) && user !== undefined)
      throw new AppError(
        "engine-conflict",
        `conflict: unable to remove repository reference ${JSON.stringify(ref)} (must force) - container ${shortId(user.id)} is using its referenced image ${shortId(image.id)}`,
      );
    const name = nameOf(reference);
    await untag(image.id, name, removed);
    if (reference.digest === undefined) {
      const left = list.get(image.id);
      const repository = repositoryIn(name);
      if (left !== undefined && !left.tags.some((tag) => repositoryIn(tag) === repository))
        for (const digest of left.digests)
          if (repositoryIn(digest) === repository) await untag(image.id, digest, removed);
    }
    const left = list.get(image.id);
    if (left !== undefined && names(left).length === 0) await drop(image.id, options, removed, true);
    return removed;
  };
}

function names({ tags, digests }: ImageRecord): string[] {
  return [...tags, ...digests];
}

function isRunning({ state }: ContainerRecord): boolean {
  return state.status === "running" || state.status === "paused" || state.status === "restarting";
}

/** At most one tag, and digests of its repository only. */
function isSingle(all: readonly string[]): boolean {
  const tags = all.filter((name) => !name.includes("@"));
  return tags.length <= 1 && new Set(all.map(repositoryIn)).size <= 1;
}
