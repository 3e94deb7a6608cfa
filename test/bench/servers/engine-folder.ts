import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OwnHost } from "../../engine/harness/own-host.ts";

/** A folder with a short name, because a socket's path has 107 bytes at most; disposing removes it. */
export async function shortFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "bb-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** What an engine has below /run as it is delivered: in memory, and gone with the host. */
export async function folderInMemory(host: OwnHost, folder: string): Promise<string> {
  return await mountOn(host, folder, ["-t", "tmpfs", "-o", "mode=755", "tmpfs"]);
}

/** On that host, dockerd's folder `own` has its data in `data`, which lies on the disk that is measured. */
export async function prepareDockerd(host: OwnHost, own: string, data: string): Promise<void> {
  await mkdir(data, { recursive: true });
  await mountOn(host, join(own, "data"), ["--bind", data]);
  await folderInMemory(host, join(own, "exec"));
}

async function mountOn(host: OwnHost, folder: string, what: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { code, stderr } = await host.run("mount", [...what, folder]);
  if (code !== 0) throw new Error(`nothing could be mounted at ${folder}: ${stderr.trim()}`);
  return folder;
}
