import { statfs } from "node:fs/promises";
import { runChild } from "./child.ts";

const names = new Map([
  [0xef53, "ext4"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x01021994, "tmpfs"],
  [0x794c7630, "overlay"],
  [0x2fc12fc1, "zfs"],
  [0xf2f52010, "f2fs"],
]);

/** Name of the file system below `folder`, and its free bytes. */
export async function fileSystemOf(folder: string): Promise<{ name: string; free: number }> {
  const facts = await statfs(folder);
  return { name: names.get(facts.type) ?? `0x${facts.type.toString(16)}`, free: facts.bavail * facts.bsize };
}

/** Writes out what earlier measurements left in memory, so that no one pays for the one before. */
export async function settleDisk(signal: AbortSignal): Promise<void> {
  try {
    await runChild({ command: "sync", args: [], limit: 60_000, signal });
  } catch {
    signal.throwIfAborted();
  }
}
