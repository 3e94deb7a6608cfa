import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestEngine } from "./engine.ts";

/**
 * What an engine has on the machine now, one a line: mounts, links, firewall lines, cgroups, processes, namespaces and
 * files of containers. Two lists of an idle engine are the same, or something was left behind.
 */
export async function inventory(engine: TestEngine): Promise<string[]> {
  const { host, folder } = engine;
  return [
    ...(await host.traces()),
    ...(await cgroups(folder)),
    ...(await processes(folder, host.pid)),
    ...(await files(join(folder, "engine", "containers"))),
    // Compiled filters are kept, one for each kind of container.
    ...(await files(join(folder, "run"))).filter((line) => !line.includes("/filters/")),
    ...(await files(join(folder, "engine", "volumes"))),
  ].toSorted();
}

/** Cgroups whose name is a container's. The parents of all containers stay. */
async function cgroups(folder: string): Promise<string[]> {
  const known = new Set(await ownParents(folder));
  const found: string[] = [];
  for (const controller of await readdir("/sys/fs/cgroup"))
    for (const parent of known) {
      const path = `/sys/fs/cgroup/${controller}/${parent}`;
      if (!existsSync(path)) continue;
      for (const entry of await readdir(path, { withFileTypes: true }))
        if (entry.isDirectory()) found.push(`cgroup ${controller} ${entry.name}`);
    }
  return found;
}

/** The engine's cgroups lie below `berth-OWNER`, and its run folder's only folder is called OWNER. */
async function ownParents(folder: string): Promise<string[]> {
  return (await readdir(join(folder, "run"))).map((owner) => `berth-${owner}`);
}

/** Everything that runs with this engine's folders in its command line, or in the host's namespaces, but the engine. */
async function processes(folder: string, holder: number): Promise<string[]> {
  const netns = await linkOf(holder);
  const found: string[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid) || Number(pid) === holder) continue;
    const line = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""))
      .replaceAll("\0", " ")
      .trim();
    const isEngine = line.includes("src/main.ts engine");
    if (line === "" || isEngine || !line.includes(folder)) continue;
    found.push(`process ${line.split(" ")[0]}`);
  }
  return [...found, `namespace ${netns}`];
}

async function linkOf(pid: number): Promise<string> {
  return readlink(`/proc/${pid}/ns/net`);
}

async function files(root: string): Promise<string[]> {
  if (!existsSync(root)) return [];
  const all = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return all.map((entry) => `file ${join(entry.parentPath, entry.name).slice(root.length)}`);
}

/** How long what a container's end sets off may take after its client was answered, ms. */
const patience = 30_000;

/** How often in a row an engine at rest looks the same. */
const still = 12;

/** The inventory once nothing is on its way out any more: `run --rm` is answered a moment before its folders go. */
export async function idleInventory(engine: TestEngine): Promise<string[]> {
  let last = "";
  let same = 0;
  for (const end = Date.now() + patience; ; await sleep(50)) {
    const found = await inventory(engine);
    const leaving = found.some((line) => line.includes("/merged") || line.includes("/.removed-"));
    same = leaving || found.join("\n") !== last ? 0 : same + 1;
    last = found.join("\n");
    if (Date.now() > end || same >= still) return found;
  }
}

/** Throws where, a moment after all ended, something else is there than before. */
export async function nothingLeft(engine: TestEngine, before: readonly string[]): Promise<void> {
  for (const end = Date.now() + patience; ; await sleep(100)) {
    const found = await inventory(engine);
    if (Date.now() <= end && found.join("\n") !== before.join("\n")) continue;
    assert.deepEqual(found, before);
    return;
  }
}
