import { open, readFile } from "node:fs/promises";

const root = "/sys/fs/cgroup";

/**
 * Readies the kernel for a process that is put into a cgroup soon. The first such move after a rest waits some 10 ms
 * until all cores have looked up (an RCU grace period); those that follow within 15 ms don't. Moving this process to
 * where it is already pays that beforehand, beside other work. Calls while one is under way are one.
 */
export function createReadyCgroups(): () => void {
  let underway: Promise<void> | undefined;
  return () => {
    underway ??= moveInPlace()
      // Only root may, or there is no such hierarchy: then it takes the time it takes.
      .catch(() => undefined)
      .finally(() => {
        underway = undefined;
      });
  };
}

async function moveInPlace(): Promise<void> {
  const [first = ""] = (await readFile("/proc/self/cgroup", "utf8")).split("\n");
  const [, id, name = "", path] = /^(\d+):([^:]*):(.*)$/.exec(first) ?? [];
  if (path === undefined) return;
  const hierarchy = id === "0" ? root : `${root}/${name.replace(/^name=/, "")}`;
  const file = await open(`${hierarchy}${path}/cgroup.procs`, "r+");
  try {
    // 0: who writes it.
    await file.write("0");
  } finally {
    await file.close();
  }
}
