import { join } from "node:path";
import type { Workplace } from "./workplace.ts";

/** `skopeo …` in a workplace. It writes nothing but its cache, so it needs no storage. */
export function skopeoIn(work: Workplace): (...args: string[]) => Promise<string> {
  return (...args) => work.run("skopeo", args);
}

/** `buildah …` with a storage of its own below the workplace. */
export function buildahIn(work: Workplace): (...args: string[]) => Promise<string> {
  return (...args) => work.run("buildah", [...storage(work, "buildah"), ...args]);
}

/** `podman …` with a storage of its own below the workplace. */
export function podmanIn(work: Workplace): (...args: string[]) => Promise<string> {
  const own = ["--tmpdir", work.folder("podman-tmp"), "--cgroup-manager=cgroupfs", "--events-backend=none"];
  return (...args) => work.run("podman", [...storage(work, "podman"), ...own, ...args]);
}

// vfs works everywhere: it needs neither mounts nor a kernel module.
function storage(work: Workplace, name: string): string[] {
  const folder = work.folder(name);
  return ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
}
