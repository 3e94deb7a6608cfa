/** What the runtime is told of containers and exec sessions: gathers what the pure builders need to know. */
import { mkdir, rmdir } from "node:fs/promises";
import type { ContainerFolders } from "#core/engine/container-folders.ts";
import type { ContainerRecord } from "#core/engine/container.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import type { Snapshots } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import type { ContainerLookup } from "#engine/container-lookup.ts";
import { isRunning } from "#engine/containers/states.ts";
import type { ExecOrder } from "#engine/exec/read-exec.ts";
import { buildExecProcess } from "#engine/spec/build-exec-process.ts";
import { buildSpec } from "#engine/spec/build-spec.ts";
import { devicePaths } from "#engine/spec/devices.ts";
import { isRemapped } from "#engine/spec/namespaces.ts";
import { runProgram } from "#kit/run-program.ts";
import type { RuntimeProcess, RuntimeSpec } from "#oci/runtime-spec.ts";
import type { SpecInput } from "#engine/spec/spec-input.ts";
import { createContainerUsers } from "./container-users.ts";
import { hostDevices, lookUpDevices } from "./host-devices.ts";

export interface SpecSourceParts {
  facts: RuntimeFacts;
  kernel: string;
  folders: ContainerFolders;
  snapshots: Snapshots;
  containers: Pick<ContainerLookup, "find">;
  cgroupParent: string;
  remap: SpecInput["remap"];
}

export function createSpecSource(parts: SpecSourceParts): {
  spec(record: ContainerRecord, rootfs: string): Promise<RuntimeSpec>;
  unspec(record: ContainerRecord): Promise<void>;
  userOf(record: ContainerRecord): Promise<{ uid: number; gid: number }>;
  process(record: ContainerRecord, order: ExecOrder): Promise<RuntimeProcess>;
} {
  const { facts, kernel, folders, containers, cgroupParent, remap } = parts;
  const userOf = createContainerUsers(parts);

  /** The container whose namespace is shared; it must run. */
  function joined(mode: string, what: string): ContainerRecord | undefined {
    const [kind, ref = ""] = mode.split(/:(.*)/s);
    if (kind !== "container") return undefined;
    const other = containers.find(ref);
    if (!isRunning(other))
      throw new AppError("engine-conflict", `cannot join ${what} of a non running container: ${other.id}`);
    return other;
  }

  return {
    async spec(record, rootfs) {
      const { host, config } = record;
      const network = joined(host.NetworkMode, "network");
      const ipc = joined(host.IpcMode, "IPC");
      const pid = joined(host.PidMode, "PID");
      const owner = [network, ipc, pid].find((other) => other && isRemapped({ remap, record: other }));
      const [user, deviceAt, devices, shm] = await Promise.all([
        userOf(record, config.User, host.GroupAdd),
        lookUpDevices(devicePaths(host)),
        host.Privileged ? hostDevices() : [],
        host.IpcMode === "shareable"
          ? raiseShm(folders.path(record.id), host.ShmSize, remap?.uids[0]?.hostID)
          : undefined,
      ]);
      const sharedShm = shm ?? (ipc && shmOf(folders.path(ipc.id)));
      return buildSpec({
        record,
        rootfs,
        facts,
        kernel,
        user,
        files: folders.files(network?.id ?? record.id),
        cgroupParent,
        shared: {
          ...(network && { network: `/proc/${network.state.pid}/ns/net` }),
          ...(ipc && { ipc: `/proc/${ipc.state.pid}/ns/ipc` }),
          ...(pid && { pid: `/proc/${pid.state.pid}/ns/pid` }),
          ...(owner && { user: `/proc/${owner.state.pid}/ns/user` }),
        },
        ...(sharedShm !== undefined && { sharedShm }),
        ...(remap && { remap }),
        deviceAt,
        hostDevices: devices,
      });
    },

    userOf: (record) => userOf(record, record.config.User, []),

    async unspec({ id, host }) {
      if (host.IpcMode === "shareable") await lowerShm(folders.path(id));
    },

    async process(record, { command, env, user, workingDir, privileged, tty, size }) {
      return buildExecProcess({
        record,
        facts,
        user: await userOf(record, user === "" ? record.config.User : user, record.host.GroupAdd),
        command,
        env,
        workingDir,
        privileged,
        tty,
        size,
      });
    },
  };
}

const shmOf = (folder: string) => `${folder}/shm`;

/** A /dev/shm that others may join; it goes with the container's folder. */
async function raiseShm(folder: string, size: number, owner = 0): Promise<string> {
  const path = shmOf(folder);
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  if (made === undefined) return path;
  const options = `nosuid,nodev,noexec,mode=1777,size=${size},uid=${owner},gid=${owner}`;
  const { code, stderr } = await runProgram("mount", ["-t", "tmpfs", "-o", options, "shm", path]);
  if (code !== 0)
    throw new AppError("engine-failed", `/dev/shm can't be mounted at ${path}: ${stderr.trim()}`);
  return path;
}

/** Who joined it keeps it until the end of its own. */
async function lowerShm(folder: string): Promise<void> {
  const path = shmOf(folder);
  await runProgram("umount", ["-l", path]);
  await rmdir(path).catch(() => undefined);
}
