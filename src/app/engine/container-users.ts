import { lstat } from "node:fs/promises";
import type { ContainerFolders } from "#core/engine/container-folders.ts";
import type { ContainerRecord } from "#core/engine/container.ts";
import type { Snapshots } from "#core/engine/snapshots.ts";
import { resolveUser, type ResolvedUser } from "#engine/spec/resolve-user.ts";

/** Bytes of /etc/passwd and /etc/group that are read; larger ones are refused. */
const most = 16 * 1024 * 1024;
/** Images whose files are remembered, and how large they may be, characters. */
const remembered = 100;
const worthIt = 64 * 1024;

interface Files {
  passwd: string | undefined;
  group: string | undefined;
}

/** Who a container's users are, by the files of its own root. What only the image says is read once an image. */
export function createContainerUsers({
  snapshots,
  folders,
}: {
  snapshots: Pick<Snapshots, "readFile">;
  folders: Pick<ContainerFolders, "path">;
}): (record: ContainerRecord, user: string, groupAdd: readonly string[]) => Promise<ResolvedUser> {
  const known = new Map<string, Files>();

  async function filesOf(record: ContainerRecord): Promise<Files> {
    const untouched =
      (await lstat(`${folders.path(record.id)}/upper/etc`).catch(() => undefined)) === undefined;
    const key = record.layers.join(":");
    const before = untouched ? known.get(key) : undefined;
    if (before !== undefined) return before;
    const [passwd, group] = await Promise.all(
      ["/etc/passwd", "/etc/group"].map(async (path) => {
        const bytes = await snapshots.readFile(record.id, path, most);
        return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
      }),
    );
    const files = { passwd, group };
    if (untouched && (passwd?.length ?? 0) + (group?.length ?? 0) <= worthIt) {
      known.set(key, files);
      for (const [oldest] of known) if (known.size > remembered) known.delete(oldest);
    }
    return files;
  }

  return async (record, user, groupAdd) => {
    const { passwd, group } = await filesOf(record);
    return resolveUser(user, passwd, group, groupAdd);
  };
}
