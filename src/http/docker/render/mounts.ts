import type { MountPoint } from "#core/engine/container.ts";

/** Docker Engine API "MountPoint". */
export function mountsView(mounts: readonly MountPoint[]): object[] {
  return mounts.map((mount) => ({
    Type: mount.type,
    ...(mount.name !== undefined && { Name: mount.name }),
    Source: mount.source,
    Destination: mount.destination,
    ...(mount.driver !== undefined && { Driver: mount.driver }),
    Mode: mount.mode,
    RW: mount.rw,
    Propagation: mount.propagation,
  }));
}
