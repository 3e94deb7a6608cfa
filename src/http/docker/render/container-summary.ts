import type { ListedContainer } from "../needs.ts";
import { mountsView } from "./mounts.ts";
import { networksOf } from "./network-settings.ts";
import { portList } from "./ports.ts";
import { statusText } from "./status-text.ts";

/** Docker Engine API "ContainerSummary". @param now ms since 1970 */
export function containerSummary(
  { record, imageName, sizes }: ListedContainer,
  { api, now }: { api: number; now: number },
): object {
  const { Annotations } = record.host;
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: imageName,
    ImageID: record.image,
    Command: command(record.path, record.args),
    Created: Math.trunc(Date.parse(record.created) / 1000),
    Ports: portList(record),
    ...(sizes !== undefined && { SizeRw: sizes.writable, SizeRootFs: sizes.root }),
    Labels: record.config.Labels,
    State: record.state.status,
    Status: statusText(record.state, now),
    HostConfig: {
      NetworkMode: record.host.NetworkMode,
      ...(api >= 46 && Annotations !== undefined && { Annotations }),
    },
    NetworkSettings: { Networks: networksOf(record, api) },
    Mounts: mountsView(record.mounts),
  };
}

function command(path: string, args: readonly string[]): string {
  return [path, ...args.map((one) => (one.includes(" ") ? `'${one}'` : one))].join(" ");
}
