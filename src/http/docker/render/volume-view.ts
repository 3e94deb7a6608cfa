import type { VolumeView } from "../needs.ts";

/** Docker Engine API "Volume". @param usage for `system df`, which needs it */
export function volumeView(
  { volume, mountpoint }: VolumeView,
  usage?: { size: number; uses: number },
): object {
  return {
    CreatedAt: volume.created,
    Driver: volume.driver,
    Labels: nullWhenNone(volume.labels),
    Mountpoint: mountpoint,
    Name: volume.name,
    Options: nullWhenNone(volume.options),
    Scope: "local",
    ...(usage !== undefined && { UsageData: { RefCount: usage.uses, Size: usage.size } }),
  };
}

function nullWhenNone(map: Record<string, string>): object | null {
  return Object.keys(map).length === 0 ? null : map;
}
