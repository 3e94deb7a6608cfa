import type { Clock } from "#core/clock.ts";
import type { Content } from "#core/engine/content.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { ProgressLine } from "#core/engine/progress.ts";
import { AppError } from "#core/errors.ts";
import type { ImageConfig } from "#oci/image-config.ts";
import type { Platform } from "#oci/platform.ts";
import { PackedFault, unpacked } from "#kit/packed-stream.ts";
import type { Arrivals } from "./arrivals.ts";
import { applyChanges } from "./changes/apply-changes.ts";
import { enlist } from "./enlist.ts";
import { readPlatform } from "./for-container.ts";
import { imageEvent } from "./image-event.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers } from "./layers.ts";
import type { ImagesParts } from "./parts.ts";
import { linesOf, type Lines } from "./lines.ts";
import type { Manifests } from "./manifests.ts";
import { nameOf, readReference, readTarget } from "./read-name.ts";
import { storeImage } from "./store-image.ts";
import { storeLayer } from "./store-layer.ts";
import { nowText } from "../times.ts";
import { unpackImage } from "./unpack-image.ts";

export interface ImportRequest {
  /** "-": `body`; else a URL. */
  source: string;
  repo: string;
  tag: string;
  message: string;
  changes: string[];
  platform: string;
  body: AsyncIterable<Uint8Array>;
  /** The client has left: a download ends with it. */
  signal?: AbortSignal;
}

/** `docker import`: a tar of a root as an image of one layer. */
export function createImportRoot(parts: {
  list: ImageList;
  layers: Layers;
  manifests: Manifests;
  content: Content;
  arrivals: Arrivals;
  events: EngineEvents;
  clock: Clock;
  platform: Platform;
  fetchUrl: ImagesParts["fetchUrl"] | undefined;
}) {
  const { list, content, arrivals, events, clock } = parts;

  async function bodyOf(
    { source, body }: ImportRequest,
    lines: Lines,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    if (source === "-") return body;
    const url = source.includes("://") ? source : `http://${source}`;
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
      throw new AppError(
        "engine-invalid",
        `${JSON.stringify(source)} is no URL that an image can be imported from`,
      );
    if (parts.fetchUrl === undefined)
      throw new AppError(
        "engine-unsupported",
        "images aren't imported from URLs here; download it and import the file",
      );
    const fetched = await parts.fetchUrl(url, signal);
    lines.add({ status: `Downloading from ${url}` });
    return fetched;
  }

  async function importRoot(request: ImportRequest, lines: Lines, signal: AbortSignal): Promise<void> {
    const { source, repo, tag } = request;
    if (repo !== "" && readReference(repo).digest !== undefined)
      throw new AppError("engine-invalid", "cannot import digest reference");
    const name = repo === "" ? undefined : nameOf(readTarget(repo, tag));
    const platform = readPlatform(request.platform) ?? parts.platform;
    const config = applyChanges({}, request.changes);
    const comment = request.message === "" ? `Imported from ${source}` : request.message;
    const layer = await storeLayer(content, unpacked(await bodyOf(request, lines, signal))).catch(
      (error: unknown) => {
        throw error instanceof PackedFault
          ? new AppError("engine-invalid", `the archive can't be read: ${error.message}`, { cause: error })
          : error;
      },
    );
    const created = nowText(clock);
    const whole: ImageConfig = {
      architecture: platform.architecture,
      os: platform.os,
      ...(platform.variant === undefined ? {} : { variant: platform.variant }),
      created,
      comment,
      config,
      rootfs: { type: "layers", diff_ids: [layer.diffId] },
      history: [{ created, comment }],
    };
    const image = await unpackImage(parts, await storeImage(content, whole, [layer.blob]), { signal });
    await enlist(list, image, { tag: name }, created);
    events.emit(imageEvent("import", image));
    lines.add({ status: image.id });
  }

  return (request: ImportRequest): AsyncIterable<ProgressLine> =>
    linesOf((lines, signal) => arrivals.during(() => importRoot(request, lines, signal)), request.signal);
}
