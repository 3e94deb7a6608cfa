import type { MountPoint } from "#core/engine/container.ts";
import type { RuntimeMount } from "#oci/runtime-spec.ts";
import { cleanPath } from "../clean-path.ts";
import { tmpfsOptions } from "../tmpfs-options.ts";
import { isRemapped } from "./namespaces.ts";
import type { SpecInput } from "./spec-input.ts";

const plain = ["nosuid", "noexec", "nodev"];
const initPath = "/sbin/docker-init";

/** Everything that is mounted into the root, in the order it has to be. */
export function mountsOf(input: SpecInput): RuntimeMount[] {
  const { host } = input.record;
  const wanted = [...input.record.mounts.map(mountOf), ...tmpfsOf(host.Tmpfs)];
  const taken = new Set(wanted.map(({ destination }) => destination));
  const own = [...sharedMemory(input), ...filesOf(input)].filter(
    ({ destination }) => !taken.has(destination),
  );
  const standard = standardMounts(input).filter(
    ({ destination }) => !taken.has(destination) && !(taken.has("/dev") && destination.startsWith("/dev/")),
  );
  const { init } = input.facts;
  const first: RuntimeMount[] =
    host.Init === true && init !== undefined
      ? [{ destination: initPath, type: "bind", source: init, options: ["bind", "ro"] }]
      : [];
  // What lies deeper comes later, or it would be hidden.
  const byDepth = [...wanted, ...own].sort((a, b) => depth(a.destination) - depth(b.destination));
  return [...standard, ...first, ...byDepth];
}

function standardMounts(input: SpecInput): RuntimeMount[] {
  const { host } = input.record;
  const { Privileged } = host;
  const rw = Privileged ? [] : ["ro"];
  const cgroupWritable = Privileged || isRemapped(input);
  return [
    { destination: "/proc", type: "proc", source: "proc", options: plain },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    { destination: "/sys", type: "sysfs", source: "sysfs", options: [...plain, ...rw] },
    {
      destination: "/sys/fs/cgroup",
      type: "cgroup",
      source: "cgroup",
      options: [...(cgroupWritable ? [] : ["ro"]), ...plain],
    },
    // The host's queues can't be mounted by who isn't its root.
    ...(isRemapped(input) && host.IpcMode === "host"
      ? []
      : [{ destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: plain }]),
  ];
}

function sharedMemory({ record, sharedShm }: SpecInput): RuntimeMount[] {
  const { IpcMode, ShmSize } = record.host;
  const destination = "/dev/shm";
  if (IpcMode === "none") return [];
  const source = IpcMode === "host" ? "/dev/shm" : sharedShm;
  if (source !== undefined) return [{ destination, type: "bind", source, options: ["rbind", "rprivate"] }];
  return [{ destination, type: "tmpfs", source: "shm", options: [...plain, "mode=1777", `size=${ShmSize}`] }];
}

function filesOf({ files, record }: SpecInput): RuntimeMount[] {
  const readonly = record.host.ReadonlyRootfs ? ["ro"] : [];
  return [
    ["/etc/resolv.conf", files.resolvConf],
    ["/etc/hostname", files.hostname],
    ["/etc/hosts", files.hosts],
  ].map(([destination = "", source = ""]) => ({
    destination,
    type: "bind",
    source,
    options: ["rbind", ...readonly, "rprivate"],
  }));
}

function mountOf({
  type,
  source,
  destination,
  rw,
  propagation,
  nonRecursive,
  options,
}: MountPoint): RuntimeMount {
  if (type === "tmpfs")
    return { destination, type, source: "tmpfs", options: options ?? tmpfsOptions(rw ? "" : "ro") };
  return {
    destination,
    type: "bind",
    source,
    options: [
      nonRecursive === true ? "bind" : "rbind",
      ...(rw ? [] : ["ro"]),
      ...(propagation === "" ? [] : [propagation]),
    ],
  };
}

function tmpfsOf(tmpfs: Record<string, string>): RuntimeMount[] {
  return Object.entries(tmpfs).map(([destination, text]) => ({
    destination: cleanPath(destination),
    type: "tmpfs",
    source: "tmpfs",
    options: tmpfsOptions(text),
  }));
}

/** What the root itself has to be, so that its mounts can be seen on the host, or the host's in it. */
export function rootPropagation(mounts: readonly MountPoint[]): string | undefined {
  const kinds = mounts.map(({ propagation }) => propagation.replace(/^r/, ""));
  if (kinds.includes("shared")) return "shared";
  return kinds.includes("slave") ? "rslave" : undefined;
}

/** The program that runs as the first one for `--init`, and how the command goes on. */
export const initCommand: readonly string[] = [initPath, "--"];

function depth(path: string): number {
  return path === "/" ? 0 : path.split("/").length;
}
