import type { ContainerFolders } from "#core/engine/container-folders.ts";
import type { Clock } from "#core/clock.ts";
import type { EngineEvents } from "#core/engine/event.ts";
import type { NetworkRecord } from "#core/engine/network.ts";
import type { Networking } from "#core/engine/networking.ts";
import type { Shelf } from "#core/engine/records.ts";
import type { ContainerLookup } from "../container-lookup.ts";

export interface NetworkParts {
  records: Shelf<NetworkRecord>;
  networking: Networking;
  containers: ContainerLookup;
  events: EngineEvents;
  clock: Clock;
  /** 64 hex digits. */
  newId: () => string;
  folders: ContainerFolders;
  /** Name servers of containers that name none; empty: this host's. */
  dns?: readonly string[];
  /** CIDRs of the default network; undefined: a free one, and no IPv6. */
  bridge?: { subnet: string | undefined; ipv6: string | undefined };
  /** The default network's bridge on this host. Default: `berth0`. */
  defaultBridge?: string;
  /** What went wrong where nobody waits for an answer. */
  report?: (error: unknown, what: string) => void;
}
