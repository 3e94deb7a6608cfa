import type { Clock } from "#core/clock.ts";
import type { Content } from "#core/engine/content.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import type { Shelf } from "#core/engine/records.ts";
import type { Registries } from "#core/engine/registries.ts";
import type { LayerRecord, Snapshots } from "#core/engine/snapshots.ts";
import type { Platform } from "#oci/platform.ts";
import type { ContainerLookup } from "../container-lookup.ts";

/** What the images' service works with. */
export interface ImagesParts {
  records: { images: Shelf<ImageRecord>; layers: Shelf<LayerRecord> };
  content: Content;
  snapshots: Snapshots;
  registries: Registries;
  containers: ContainerLookup;
  events: EngineEvents;
  clock: Clock;
  /** Of this host. */
  platform: Platform;
  /** For `docker import URL`. Throws engine-failed with words. Undefined: URLs aren't fetched. */
  fetchUrl?: (url: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;
  /** For `docker search`; undefined: nothing is found. */
  search?: (term: string, limit: number) => Promise<FoundRepository[]>;
}

export interface FoundRepository {
  name: string;
  description: string;
  stars: number;
  official: boolean;
}
