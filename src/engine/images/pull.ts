import type { Clock } from "#core/clock.ts";
import type { Content } from "#core/engine/content.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { ProgressLine } from "#core/engine/progress.ts";
import type { Registries, RegistryCredentials } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import { parseDigest } from "#oci/digest.ts";
import { familiar, parseImageReference, repositoryOf, type ImageReference } from "#oci/image-reference.ts";
import type { Platform } from "#oci/platform.ts";
import type { Arrivals } from "./arrivals.ts";
import { enlist, recordOf } from "./enlist.ts";
import { readPlatform } from "./for-container.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers } from "./layers.ts";
import { linesOf, type Lines } from "./lines.ts";
import type { Manifests } from "./manifests.ts";
import { createPullLines } from "./pull-lines.ts";
import { nameOf, readReference } from "./read-name.ts";
import { nowText } from "../times.ts";
import { unpackImage } from "./unpack-image.ts";

export interface PullRequest {
  name: string;
  /** A tag or a digest; "": what `name` says, else all tags. */
  tag: string;
  platform: string;
  credentials: RegistryCredentials | undefined;
  signal: AbortSignal;
}

export function createPull(parts: {
  list: ImageList;
  layers: Layers;
  manifests: Manifests;
  content: Content;
  registries: Registries;
  arrivals: Arrivals;
  events: EngineEvents;
  clock: Clock;
  platform: Platform;
}) {
  const { list, content, registries, arrivals, events, clock } = parts;

  /** One tag or digest. True: the name means another image than before. */
  async function one(
    reference: ImageReference,
    platform: Platform,
    credentials: RegistryCredentials | undefined,
    lines: Lines,
    signal: AbortSignal,
  ): Promise<boolean> {
    let begun = false;
    const begin = () => {
      if (!begun)
        lines.add({
          status: `Pulling from ${reference.path}`,
          id: reference.digest ?? reference.tag ?? "latest",
        });
      begun = true;
    };
    const told = createPullLines(lines);
    const report = (step: Parameters<typeof told.step>[0]) => {
      begin();
      told.step(step);
    };
    const found = await registries.pull(reference, platform, credentials, report, signal);
    begin();
    const record = await recordOf(content, found);
    const name = nameOf(reference);
    const digest = `${repositoryOf(reference)}@${found.named}`;
    const before = list.named(name);
    // Unpacked first: an image whose layers are refused never gets into the list.
    const image = await unpackImage(parts, record, {
      signal,
      moved: (index, current, total) => {
        const layer = found.layers[index];
        if (layer) told.extracting(layer.digest, current, total);
      },
      done: (index, fresh) => {
        const layer = found.layers[index];
        if (layer) told.done(layer.digest, fresh);
      },
    });
    const names = reference.digest === undefined ? { tag: name, digest } : { digest };
    await enlist(list, image, names, nowText(clock));
    lines.add({ status: `Digest: ${found.named}` });
    return before?.id !== image.id;
  }

  async function pull(request: PullRequest, lines: Lines, signal: AbortSignal): Promise<void> {
    const platform = readPlatform(request.platform) ?? parts.platform;
    const { reference, all } = readPulled(request);
    const { credentials } = request;
    let fresh = false;
    if (all) {
      const tags = await registries.tags(reference, credentials, signal);
      for (const tag of tags)
        fresh = (await one({ ...reference, tag }, platform, credentials, lines, signal)) || fresh;
    } else fresh = await one(reference, platform, credentials, lines, signal);
    const name = familiar(all ? repositoryOf(reference) : nameOf(reference));
    lines.add({ status: `Status: ${fresh ? "Downloaded newer image" : "Image is up to date"} for ${name}` });
    events.emit({
      type: "image",
      action: "pull",
      id: name,
      attributes: {
        ...list.named(nameOf(reference))?.config.config.Labels,
        name: familiar(repositoryOf(reference)),
      },
    });
  }

  return (request: PullRequest): AsyncIterable<ProgressLine> =>
    linesOf((lines, signal) => arrivals.during(() => pull(request, lines, signal)), request.signal);
}

function readPulled({ name, tag }: PullRequest): { reference: ImageReference; all: boolean } {
  const reference = readReference(name);
  if (tag === "") {
    const all = reference.tag === undefined && reference.digest === undefined;
    return { reference, all };
  }
  if (tag.includes(":")) {
    const digest = parseDigest(tag);
    if (digest === undefined) throw new AppError("engine-invalid", "invalid checksum digest format");
    return { reference: { ...reference, tag: undefined, digest }, all: false };
  }
  const tagged = { ...reference, tag, digest: undefined };
  if (parseImageReference(nameOf(tagged)) === undefined)
    throw new AppError("engine-invalid", "invalid tag format");
  return { reference: tagged, all: false };
}
