import { readFileSync } from "node:fs";
import { chown, readdir, stat } from "node:fs/promises";
import type { RuntimeProcess } from "#oci/runtime-spec.ts";

type User = Pick<RuntimeProcess["user"], "uid" | "gid">;

/**
 * The pipes among a process' files are given to the user of one in another's user namespace, who can't open
 * /dev/stdout otherwise. Runtimes do that only where they see it before they enter the namespace.
 * @param holder who has them open now
 * @param fds undefined: all.
 * @param inside a process of the namespace; where ids are this machine's, nothing is done.
 */
export async function giveStreams(
  holder: number,
  fds: readonly string[] | undefined,
  inside: number,
  user: User,
): Promise<void> {
  try {
    const uid = onHost(readFileSync(`/proc/${inside}/uid_map`, "utf8"), user.uid);
    const gid = onHost(readFileSync(`/proc/${inside}/gid_map`, "utf8"), user.gid);
    if (uid === undefined || gid === undefined || (uid === user.uid && gid === user.gid)) return;
    for (const fd of fds ?? (await readdir(`/proc/${holder}/fd`))) {
      const path = `/proc/${holder}/fd/${fd}`;
      if ((await stat(path)).isFIFO()) await chown(path, uid, gid);
    }
  } catch (error) {
    // It ended meanwhile.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ESRCH") throw error;
  }
}

/** Lines of uid_map: the first id inside, the first on this machine, how many. */
function onHost(map: string, id: number): number | undefined {
  for (const line of map.trim().split("\n")) {
    const [from = 0, to = 0, count = 0] = line.trim().split(/ +/).map(Number);
    if (id >= from && id < from + count) return to + id - from;
  }
  return undefined;
}
