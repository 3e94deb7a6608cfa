import { chmod, lchown, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { emptyLayer, mountpointsLayer } from "./folders.ts";

const folders = ["dev", "dev/pts", "dev/shm", "etc", "proc", "sys"];
const files = [".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/resolv.conf"];

/** Makes the two folders that belong to no image. What is there stays. @param owner of all in them, user and group. */
export async function makeMountpointsLayer(layers: string, owner = 0): Promise<void> {
  const root = join(layers, mountpointsLayer);
  await mkdir(join(layers, emptyLayer), { recursive: true });
  await mkdir(root, { recursive: true });
  for (const folder of folders) {
    await mkdir(join(root, folder), { recursive: true });
    await chmod(join(root, folder), 0o755);
  }
  await chmod(root, 0o755);
  for (const file of files) {
    await writeFile(join(root, file), "", { flag: "a" });
    await chmod(join(root, file), 0o755);
  }
  await symlink("/proc/mounts", join(root, "etc/mtab")).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  for (const name of ["", ...folders, ...files, "etc/mtab"]) await lchown(join(root, name), owner, owner);
}
