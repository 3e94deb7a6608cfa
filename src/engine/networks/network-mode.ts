import type { ContainerRecord } from "#core/engine/container.ts";
import type { NetworkRecord } from "#core/engine/network.ts";

export const defaultNetwork = "bridge";
/** Always there. */
export const predefined: ReadonlySet<string> = new Set(["bridge", "host", "none"]);

/** "" and "default" mean the default bridge. */
export function modeOf(networkMode: string): string {
  return networkMode === "" || networkMode === "default" ? defaultNetwork : networkMode;
}

export const sharesOther = (mode: string) => mode.startsWith("container:");

/** Whether names are answered in it, fixed addresses allowed. */
export const isUserDefined = (network: NetworkRecord) =>
  network.driver === "bridge" && network.name !== defaultNetwork;

/** The networks' names in the order of its interfaces: that of its mode first. */
export function inOrder(record: ContainerRecord): string[] {
  const mode = modeOf(record.host.NetworkMode);
  const names = Object.keys(record.endpoints).sort();
  return names.includes(mode) ? [mode, ...names.filter((name) => name !== mode)] : names;
}
