import type { ContainerRecord } from "#core/engine/container.ts";
import type { EngineEvent } from "#core/engine/event.ts";
import type { Filters } from "#core/engine/filters.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import type { VolumeRecord } from "#core/engine/volume.ts";
import type { ContainerLookup } from "../container-lookup.ts";
import type { Listed } from "../containers/inspect.ts";
import type { EventLog, EventQuery } from "../events.ts";
import { checkEventFilters, passesEvent } from "./event-filters.ts";

/** What doesn't change while the engine runs. */
export interface EngineIdentity {
  id: string;
  /** Of Berth. */
  version: string;
  facts: RuntimeFacts;
  dataFolder: string;
  hostName: string;
  kernel: string;
  operatingSystem: string;
  /** RFC 3339. */
  started: string;
  warnings: string[];
  /** Containers' users are others on this machine (`userns_remap`). */
  remapped?: boolean;
  /** Hosts of registries that are this one. */
  registries: string[];
}

/** An image with what is counted of it; see ImagesNeeds. */
export interface SystemParts<Image extends { image: { size: number } }> {
  identity: EngineIdentity;
  containers: Pick<ContainerLookup, "all">;
  listContainers(query: { all: boolean; limit: number; size: boolean; filters: Filters }): Promise<Listed[]>;
  listImages(query: { all: boolean; filters: Filters; sharedSize: boolean }): Promise<Image[]>;
  volumes(): Promise<{ view: { volume: VolumeRecord; mountpoint: string }; size: number; uses: number }[]>;
  /** Bytes of all unpacked layers. */
  layersSize(): Promise<number>;
  events: EventLog;
}

const noFilters: Filters = new Map();

/** `docker info`, `system df`, `events`. */
export function createSystem<Image extends { image: { size: number } }>(parts: SystemParts<Image>) {
  const { identity, containers, events } = parts;
  return {
    async info() {
      const all = containers.all();
      const count = (test: (record: ContainerRecord) => boolean) => all.filter(test).length;
      const running = count(({ state }) => state.status === "running");
      const paused = count(({ state }) => state.status === "paused");
      const images = await parts.listImages({ all: false, filters: noFilters, sharedSize: false });
      return {
        ...identity,
        containers: { running, paused, stopped: all.length - running - paused },
        images: images.length,
      };
    },

    async diskUsage() {
      const [layers, images, listed, volumes] = await Promise.all([
        parts.layersSize(),
        parts.listImages({ all: true, filters: noFilters, sharedSize: true }),
        parts.listContainers({ all: true, limit: 0, size: true, filters: noFilters }),
        parts.volumes(),
      ]);
      return { layers, images, containers: listed, volumes };
    },

    events(query: EventQuery & { filters: Filters }, signal: AbortSignal): AsyncIterable<EngineEvent> {
      const { filters, ...when } = query;
      checkEventFilters(filters);
      return passing(events.follow(when, signal), filters);
    },
  };
}

async function* passing(events: AsyncIterable<EngineEvent>, filters: Filters): AsyncGenerator<EngineEvent> {
  for await (const event of events) if (passesEvent(event, filters)) yield event;
}
