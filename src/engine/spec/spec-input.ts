import type { ContainerRecord } from "#core/engine/container.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import type { IdMapping } from "#oci/runtime-spec.ts";
import type { ResolvedUser } from "./resolve-user.ts";

/** All that a container's spec is made of. */
export interface SpecInput {
  record: ContainerRecord;
  /** Absolute path of the mounted root. */
  rootfs: string;
  facts: RuntimeFacts;
  /** Release of this kernel, `6.1.0-13-amd64`. */
  kernel: string;
  /** By `resolveUser`. */
  user: ResolvedUser;
  /** Of this container, or of the one whose network it shares. */
  files: { hostname: string; hosts: string; resolvConf: string };
  /** Where containers without a parent of their own go, `/berth`. */
  cgroupParent: string;
  /** Of the containers that it shares them with (`container:X`): `/proc/PID/ns/net`, …; `user`: theirs, where it has one. */
  shared: { network?: string; ipc?: string; pid?: string; user?: string };
  /** Folder for /dev/shm that is shared with others: its own where `shareable`, X's with `container:X`. */
  sharedShm?: string;
  /** The engine gives containers user ids of their own; with `--userns=host` it doesn't matter. */
  remap?: { uids: IdMapping[]; gids: IdMapping[] };
  /** Of `devicePaths`; only asked where they are. */
  deviceAt: DeviceAt;
  /** Of this host, for privileged containers. */
  hostDevices?: readonly DeviceNode[];
}

/** A device, those below a folder, or why there is none. */
export type DeviceAt = (path: string) => readonly DeviceNode[] | "missing" | "no-device";

export interface DeviceNode {
  path: string;
  /** b: block, c: character. */
  type: "b" | "c";
  major: number;
  minor: number;
  /** Permission bits, owner and group on the host. */
  fileMode: number;
  uid: number;
  gid: number;
}
