import type { Clock } from "#core/clock.ts";
import type { Content } from "#core/engine/content.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { ProgressLine } from "#core/engine/progress.ts";
import { familiar } from "#oci/image-reference.ts";
import type { Platform } from "#oci/platform.ts";
import { imagesIn } from "./archive/images-in.ts";
import { readArchive } from "./archive/read-archive.ts";
import type { Arrivals } from "./arrivals.ts";
import { enlist } from "./enlist.ts";
import { imageEvent } from "./image-event.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers } from "./layers.ts";
import { linesOf, shortId, type Lines } from "./lines.ts";
import type { Manifests } from "./manifests.ts";
import { nowText } from "../times.ts";
import { unpackImage } from "./unpack-image.ts";

/** `docker load`: images of an archive as docker (old and new) or OCI tools write it, compressed or not. */
export function createLoad(parts: {
  list: ImageList;
  layers: Layers;
  manifests: Manifests;
  content: Content;
  arrivals: Arrivals;
  events: EngineEvents;
  clock: Clock;
  platform: Platform;
}) {
  const { list, content, arrivals, events, clock, platform } = parts;

  async function load(
    body: AsyncIterable<Uint8Array>,
    quiet: boolean,
    lines: Lines,
    signal: AbortSignal,
  ): Promise<void> {
    const archived = await imagesIn(content, await readArchive(content, body), platform);
    for (const { image: found, names } of archived) {
      const diffIds = found.config.rootfs.diff_ids;
      const image = await unpackImage(parts, found, {
        signal,
        moved(index, current, total) {
          const id = shortId(diffIds[index] ?? "");
          const line = { status: "Loading layer", progressDetail: { current, total }, id };
          if (!quiet) lines.update(`layer ${index}`, line);
        },
      });
      if (names.length === 0) await enlist(list, image, {}, nowText(clock));
      for (const name of names) {
        const { before } = await enlist(list, image, { tag: name }, nowText(clock));
        if (before !== undefined && before.id !== image.id)
          lines.add({
            stream: `The image ${familiar(name)} already exists, renaming the old one with ID ${before.id} to empty string\n`,
          });
        lines.add({ stream: `Loaded image: ${familiar(name)}\n` });
      }
      if (names.length === 0) lines.add({ stream: `Loaded image ID: ${image.id}\n` });
      events.emit(imageEvent("load", image));
    }
  }

  return (body: AsyncIterable<Uint8Array>, quiet: boolean): AsyncIterable<ProgressLine> =>
    linesOf((lines, signal) => arrivals.during(() => load(body, quiet, lines, signal)));
}
