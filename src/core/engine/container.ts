import type { Digest } from "#oci/digest.ts";
import type { ContainerConfig, HostConfig } from "./container-config.ts";
import type { LayerId } from "./snapshots.ts";

/** Times are RFC 3339 with up to nine digits, as docker writes them; never: */
export const noTime = "0001-01-01T00:00:00Z";

export type ContainerStatus =
  "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";

/** A container as it is kept: what it is (fixed at create but for rename and update), and its state as last seen. */
export interface ContainerRecord {
  /** 64 hex digits. */
  id: string;
  /** Without the leading slash. */
  name: string;
  created: string;
  /** The image's config digest, as in ImageRecord. */
  image: Digest;
  /** The image's root file system, base first. */
  layers: readonly LayerId[];
  platform: string;
  config: ContainerConfig;
  host: HostConfig;
  /** Entrypoint and command together: what is run. */
  path: string;
  args: string[];
  mounts: MountPoint[];
  /** By network name: those it is connected to, or will be when it starts. */
  endpoints: Record<string, Endpoint>;
  /** While it runs. */
  ports: PublishedPort[];
  state: ContainerState;
  /** Restarts by its policy since the last start by hand. */
  restarts: number;
  /** Stopped by hand: policies `always` (until the engine starts again) and `unless-stopped` leave it. */
  stoppedByHand: boolean;
  /** While it is being removed: whether the volumes made for it alone go as well. */
  leavesWithVolumes?: boolean;
}

export interface ContainerState {
  status: ContainerStatus;
  /** Of its first process on this host; 0: none. */
  pid: number;
  /** 128+n when signal n ended it. */
  exitCode: number;
  /** Why the last start failed; "" when it didn't. */
  error: string;
  oomKilled: boolean;
  startedAt: string;
  finishedAt: string;
  health?: Health;
}

export interface Health {
  status: "starting" | "healthy" | "unhealthy";
  failingStreak: number;
  /** The last five. */
  log: { start: string; end: string; exitCode: number; output: string }[];
}

/** What is mounted into it. */
export interface MountPoint {
  type: "bind" | "volume" | "tmpfs";
  /** Of a volume. */
  name?: string;
  /** Absolute path on this host; "" for tmpfs. */
  source: string;
  /** Absolute path in the container, cleaned. */
  destination: string;
  driver?: string;
  /** As the client wrote it: `ro`, `z`, … */
  mode: string;
  rw: boolean;
  /** "", `rprivate`, `rshared`, `rslave`, … */
  propagation: string;
  nonRecursive?: boolean;
  /** Options for mount(8), of tmpfs. */
  options?: string[];
  /** A new volume gets what the image has at the destination. */
  copyUp?: boolean;
  /** Made for this container alone: goes with it (`rm -v`, `--rm`). */
  anonymous?: boolean;
}

/** Where a container is connected to one network. */
export interface Endpoint {
  /** Of the network; "" until it is known. */
  networkId: string;
  /** What the client asked for. */
  requested: {
    ipv4?: string;
    ipv6?: string;
    linkLocal?: string[];
    mac?: string;
    aliases: string[];
    links: string[];
    driverOptions: Record<string, string>;
  };
  /** What it has while it runs (fixed addresses also before). */
  now?: EndpointNow;
}

export interface EndpointNow {
  /** 64 hex digits. */
  endpointId: string;
  /** In the container: eth0, … */
  interface: string;
  /** On the host; a new name each time, since the kernel removes old ones later. */
  hostInterface: string;
  mac: string;
  ipv4: string;
  prefix4: number;
  gateway4: string;
  ipv6: string;
  prefix6: number;
  gateway6: string;
}

export interface PublishedPort {
  /** `80/tcp` */
  port: string;
  /** `0.0.0.0`, `::`, or one address of this host. */
  hostIp: string;
  hostPort: number;
}
