import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DeviceAt, DeviceNode } from "#engine/spec/spec-input.ts";

/** What of /dev is a container's own, or no device. */
const apart = new Set(["pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console"]);
/** Folders below each other at most: a symlink may make a circle. */
const deepest = 8;

/** Looks up the paths once, so that who builds a spec can ask without waiting. */
export async function lookUpDevices(paths: readonly string[]): Promise<DeviceAt> {
  const found = new Map<string, ReturnType<DeviceAt>>();
  for (const path of paths) found.set(path, await devicesAt(path));
  return (path) => found.get(path) ?? "missing";
}

/** Every device of this host, for privileged containers. */
export async function hostDevices(): Promise<DeviceNode[]> {
  return devicesBelow("/dev", deepest, apart);
}

async function devicesAt(path: string): Promise<ReturnType<DeviceAt>> {
  const seen = await stat(path).catch(() => undefined);
  if (seen === undefined) return "missing";
  if (seen.isDirectory()) {
    const below = await devicesBelow(path, deepest, new Set());
    return below.length === 0 ? "no-device" : below;
  }
  const device = deviceOf(path, seen);
  return device === undefined ? "no-device" : [device];
}

async function devicesBelow(
  folder: string,
  depth: number,
  without: ReadonlySet<string>,
): Promise<DeviceNode[]> {
  const found: DeviceNode[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (without.has(entry.name) || entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) {
      if (depth > 0) found.push(...(await devicesBelow(path, depth - 1, new Set())));
      continue;
    }
    const seen = await stat(path).catch(() => undefined);
    const device = seen && deviceOf(path, seen);
    if (device !== undefined) found.push(device);
  }
  return found;
}

function deviceOf(path: string, { rdev, mode, uid, gid }: Stats): DeviceNode | undefined {
  const kind = mode & 0o170_000;
  const type = kind === 0o020_000 ? "c" : kind === 0o060_000 ? "b" : undefined;
  if (type === undefined) return undefined;
  // As glibc takes a device's number apart.
  const number = BigInt(rdev);
  const major = Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n));
  const minor = Number((number & 0xffn) | ((number >> 12n) & 0xffffff00n));
  return { path, type, major, minor, fileMode: mode & 0o777, uid, gid };
}
