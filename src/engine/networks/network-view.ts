import type { NetworkRecord } from "#core/engine/network.ts";

/** A network as `network inspect` shows it. */
export interface NetworkView {
  network: NetworkRecord;
  /** Running containers in it, by id; addresses with their prefix. */
  containers: Record<string, { name: string; endpointId: string; mac: string; ipv4: string; ipv6: string }>;
}
