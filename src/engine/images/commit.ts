import type { Readable } from "node:stream";
import type { Clock } from "#core/clock.ts";
import type { ContainerConfig } from "#core/engine/container-config.ts";
import type { ContainerRecord } from "#core/engine/container.ts";
import type { Content } from "#core/engine/content.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import type { ImageConfig, ImageDefaults } from "#oci/image-config.ts";
import { readImageDefaults } from "#oci/read-image-config.ts";
import { familiar } from "#oci/image-reference.ts";
import type { Arrivals } from "./arrivals.ts";
import { applyChanges } from "./changes/apply-changes.ts";
import { enlist } from "./enlist.ts";
import { imageEvent } from "./image-event.ts";
import type { ImageList } from "./image-list.ts";
import type { Layers } from "./layers.ts";
import type { Manifests } from "./manifests.ts";
import { nameOf, noSuchImage, readTarget } from "./read-name.ts";
import { storeImage } from "./store-image.ts";
import { storeLayer } from "./store-layer.ts";
import { nowText } from "../times.ts";
import { unpackImage } from "./unpack-image.ts";

export interface CommitRequest {
  record: ContainerRecord;
  /** The request's JSON as it came: what the image is to say instead of what the container's config says. */
  config: Readonly<Record<string, unknown>>;
  /** Lines of a Dockerfile. */
  changes: readonly string[];
  /** "": the image gets no name. */
  repo: string;
  tag: string;
  comment: string;
  author: string;
  /** The writable part as a layer's tar; read to its end. */
  diff: AsyncIterable<Uint8Array>;
}

/** A container's writable part as an image on top of the one that it was made from. */
export function createCommit(parts: {
  list: ImageList;
  layers: Layers;
  manifests: Manifests;
  content: Content;
  arrivals: Arrivals;
  events: EngineEvents;
  clock: Clock;
}) {
  const { list, manifests, content, arrivals, events, clock } = parts;

  async function commit(request: CommitRequest): Promise<Digest> {
    const { record, repo, tag, comment, author } = request;
    const name = repo === "" ? undefined : nameOf(readTarget(repo, tag));
    const base = list.get(record.image);
    if (base === undefined) throw noSuchImage(record.image);
    const below = await manifests.get(base.manifest, base.manifestType);
    const own = settled(record.config);
    const given = readImageDefaults(request.config);
    if ("fault" in given) throw new AppError("engine-invalid", `the config ${given.fault}`);
    const config = applyChanges(merged(given.defaults, own), request.changes);
    const layer = await storeLayer(content, request.diff);
    const created = nowText(clock);
    const { variant } = base.config;
    const whole: ImageConfig = {
      architecture: base.config.architecture,
      os: base.config.os,
      ...(variant === undefined ? {} : { variant }),
      created,
      author,
      comment,
      config,
      rootfs: {
        type: "layers",
        diff_ids: [...base.config.rootfs.diff_ids, ...(layer.empty ? [] : [layer.diffId])],
      },
      history: [
        ...base.config.history,
        {
          created,
          created_by: (record.config.Cmd ?? []).join(" "),
          ...(author === "" ? {} : { author }),
          ...(comment === "" ? {} : { comment }),
          ...(layer.empty ? { empty_layer: true } : {}),
        },
      ],
    };
    const stored = await storeImage(content, whole, [...below.layers, ...(layer.empty ? [] : [layer.blob])]);
    const image = await unpackImage(parts, { ...stored, parent: base.id });
    await enlist(list, image, { tag: name }, created);
    if (name !== undefined) events.emit(imageEvent("tag", image, familiar(name)));
    return image.id;
  }

  return async (request: CommitRequest): Promise<Digest> => {
    try {
      return await arrivals.during(() => commit(request));
    } catch (error) {
      // It may not have been read at all; what writes it must not wait for ever.
      (request.diff as Partial<Readable>).destroy?.();
      throw error;
    }
  };
}

/** What of a container's config is an image's business. */
function settled(config: ContainerConfig): ImageDefaults {
  const { User, Env, Cmd, Entrypoint, Volumes, WorkingDir, Labels, OnBuild } = config;
  const { ExposedPorts, Healthcheck, StopSignal, Shell } = config;
  return {
    User,
    Env,
    Cmd,
    Entrypoint,
    Volumes,
    WorkingDir,
    Labels,
    OnBuild,
    ...(ExposedPorts === undefined ? {} : { ExposedPorts }),
    ...(Healthcheck === undefined ? {} : { Healthcheck }),
    ...(StopSignal === undefined ? {} : { StopSignal }),
    ...(Shell === undefined ? {} : { Shell }),
  };
}

/** The client's fields first, the container's where they say nothing. */
function merged(given: ImageDefaults, own: ImageDefaults): ImageDefaults {
  const names = new Set((given.Env ?? []).map((entry) => entry.split("=")[0]));
  const said = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  ) as ImageDefaults;
  return {
    ...own,
    ...said,
    Env: [...(given.Env ?? []), ...(own.Env ?? []).filter((entry) => !names.has(entry.split("=")[0]))],
    Labels: { ...own.Labels, ...given.Labels },
    ...(given.ExposedPorts || own.ExposedPorts
      ? { ExposedPorts: { ...own.ExposedPorts, ...given.ExposedPorts } }
      : {}),
    Volumes: given.Volumes || own.Volumes ? { ...own.Volumes, ...given.Volumes } : null,
  };
}
