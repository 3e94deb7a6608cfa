import type { Content } from "#core/engine/content.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import type { ProgressLine } from "#core/engine/progress.ts";
import type { Registries, RegistryCredentials, TransferStep } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import { familiar, parseImageReference, repositoryOf, type ImageReference } from "#oci/image-reference.ts";
import type { Arrivals } from "./arrivals.ts";
import type { ImageList } from "./image-list.ts";
import { linesOf, shortId, type Lines } from "./lines.ts";
import type { Manifests } from "./manifests.ts";
import { nameOf, readReference, repositoryIn } from "./read-name.ts";

export interface PushRequest {
  name: string;
  /** "": all tags of the repository. */
  tag: string;
  credentials: RegistryCredentials | undefined;
  signal: AbortSignal;
}

const words: Readonly<Partial<Record<TransferStep["state"], string>>> = {
  waiting: "Waiting",
  moved: "Pushed",
  there: "Layer already exists",
};

export function createPush(parts: {
  list: ImageList;
  manifests: Manifests;
  content: Content;
  registries: Registries;
  arrivals: Arrivals;
  events: EngineEvents;
}) {
  const { list, manifests, registries, arrivals, events } = parts;

  async function one(
    image: ImageRecord,
    reference: ImageReference,
    credentials: RegistryCredentials | undefined,
    lines: Lines,
    signal: AbortSignal,
  ): Promise<void> {
    const manifest = await manifests.get(image.manifest, image.manifestType);
    const layers = manifest.layers.flatMap((layer, index) => {
      const diffId = image.config.rootfs.diff_ids[index];
      return diffId === undefined ? [] : [{ ...layer, diffId }];
    });
    const ids = new Map<Digest, string>();
    for (const { digest, diffId } of layers.toReversed()) {
      if (!ids.has(digest)) lines.add({ status: "Preparing", progressDetail: {}, id: shortId(diffId) });
      ids.set(digest, shortId(diffId));
    }
    const report = ({ digest, state, current, total, from }: TransferStep) => {
      const id = ids.get(digest);
      if (id === undefined) return;
      if (state === "moving") {
        const progressDetail = { current: current ?? 0, total: total ?? 0 };
        lines.update(`Pushing ${digest}`, { status: "Pushing", progressDetail, id });
        return;
      }
      const status = state === "mounted" ? `Mounted from ${from ?? ""}` : words[state];
      if (status !== undefined) lines.add({ status, progressDetail: {}, id });
    };
    const { manifestType, manifest: digest } = image;
    const pushed = { manifest: digest, manifestType, config: manifest.config, layers };
    const done = await registries.push(pushed, reference, credentials, report, signal);
    const tag = reference.tag ?? "latest";
    await list.change(async () => {
      const now = list.get(image.id);
      const name = `${repositoryOf(reference)}@${done.digest}`;
      if (now !== undefined && !now.digests.includes(name))
        await list.put({ ...now, digests: [...now.digests, name] });
    });
    lines.add({ status: `${tag}: digest: ${done.digest} size: ${done.size}` });
    lines.add({ progressDetail: {}, aux: { Tag: tag, Digest: done.digest, Size: done.size } });
  }

  async function push(request: PushRequest, lines: Lines, signal: AbortSignal): Promise<void> {
    const reference = readReference(request.name);
    const repository = repositoryOf(reference);
    const tag = request.tag === "" ? reference.tag : request.tag;
    if (tag !== undefined && parseImageReference(`${repository}:${tag}`) === undefined)
      throw new AppError("engine-invalid", "invalid tag format");
    lines.add({ status: `The push refers to repository [${repository}]` });
    const names = list
      .all()
      .flatMap(({ tags }) => tags)
      .filter((name) => repositoryIn(name) === repository)
      .toSorted();
    if (names.length === 0)
      throw new AppError(
        "engine-missing",
        `An image does not exist locally with the tag: ${familiar(repository)}`,
      );
    const wanted = tag === undefined ? names : [nameOf({ ...reference, tag, digest: undefined })];
    for (const name of wanted) {
      const image = list.named(name);
      const target = parseImageReference(name);
      if (image === undefined || target === undefined)
        throw new AppError("engine-missing", `tag does not exist: ${familiar(name)}`);
      await one(image, target, request.credentials, lines, signal);
    }
    const id = familiar(tag === undefined ? repository : `${repository}:${tag}`);
    events.emit({ type: "image", action: "push", id, attributes: { name: familiar(repository) } });
  }

  return (request: PushRequest): AsyncIterable<ProgressLine> =>
    linesOf((lines, signal) => arrivals.during(() => push(request, lines, signal)), request.signal);
}
