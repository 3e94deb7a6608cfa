import type { DiskUsage } from "../needs.ts";
import { containerSummary } from "./container-summary.ts";
import { imageSummary } from "./image-summary.ts";
import { volumeView } from "./volume-view.ts";

/** Docker Engine API "SystemDataUsage". @param types what is asked for; none: everything. Since 1.42 */
export function diskUsageView(
  { layers, images, containers, volumes }: DiskUsage,
  { types, api, now }: { types: readonly string[]; api: number; now: number },
): object {
  const wants = (type: string) => types.length === 0 || types.includes(type);
  return {
    ...(wants("image") && { LayersSize: layers }),
    Images: wants("image") ? images.map((one) => imageSummary(one, api)) : null,
    Containers: wants("container") ? containers.map((one) => containerSummary(one, { api, now })) : null,
    Volumes: wants("volume") ? volumes.map(({ view, ...usage }) => volumeView(view, usage)) : null,
    BuildCache: wants("build-cache") ? [] : null,
    ...(api < 42 && { BuilderSize: 0 }),
  };
}
