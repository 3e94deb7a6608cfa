import type { ContainerRecord, Health } from "#core/engine/container.ts";
import type { InspectedContainer } from "../needs.ts";
import { configView } from "./config-view.ts";
import { hostConfigView } from "./host-config.ts";
import { mountsView } from "./mounts.ts";
import { networkSettings } from "./network-settings.ts";
import { nullWhenEmpty } from "./null-when-empty.ts";

/** Docker Engine API "ContainerInspectResponse", in the order that `docker inspect` shows. */
export function containerDetails(container: InspectedContainer, api: number): object {
  const { record, sizes, rootfs } = container;
  return {
    Id: record.id,
    Created: record.created,
    Path: record.path,
    Args: record.args,
    State: stateView(record),
    Image: record.image,
    ResolvConfPath: container.resolvConfPath,
    HostnamePath: container.hostnamePath,
    HostsPath: container.hostsPath,
    LogPath: container.logPath,
    Name: `/${record.name}`,
    RestartCount: record.restarts,
    Driver: "overlay2",
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: container.appArmorProfile,
    ExecIDs: nullWhenEmpty(container.execs),
    HostConfig: hostConfigView(record.host),
    GraphDriver: {
      Data: {
        LowerDir: rootfs.lower,
        MergedDir: rootfs.merged,
        UpperDir: rootfs.upper,
        WorkDir: rootfs.work,
      },
      Name: "overlay2",
    },
    ...(sizes !== undefined && { SizeRw: sizes.writable, SizeRootFs: sizes.root }),
    Mounts: mountsView(record.mounts),
    Config: configView(record.config, api < 44 ? macOf(record) : undefined),
    NetworkSettings: networkSettings(record, api),
  };
}

function stateView({ state }: ContainerRecord): object {
  const { status } = state;
  return {
    Status: status,
    Running: status === "running" || status === "paused" || status === "restarting",
    Paused: status === "paused",
    Restarting: status === "restarting",
    OOMKilled: state.oomKilled,
    Dead: status === "dead",
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(state.health !== undefined && { Health: healthView(state.health) }),
  };
}

function healthView({ status, failingStreak, log }: Health): object {
  return {
    Status: status,
    FailingStreak: failingStreak,
    Log: log.map(({ start, end, exitCode, output }) => ({
      Start: start,
      End: end,
      ExitCode: exitCode,
      Output: output,
    })),
  };
}

/** What `--mac-address` asked for. */
function macOf({ endpoints }: ContainerRecord): string | undefined {
  return Object.values(endpoints).find(({ requested }) => requested.mac !== undefined)?.requested.mac;
}
