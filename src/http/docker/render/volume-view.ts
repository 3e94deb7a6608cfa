import type { VolumeView } from "../needs.ts";

/** Docker Engine API "Volume". @param usage for `system df`, which needs it */
export function volumeView(
  { volume, mountpoint }: VolumeView,
  usage?: { size: number; uses: number },
): object {
  return {
    // To the second, as docker writes it here.
    CreatedAt: volume.created.replace(/\.\d+/, ""),
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
