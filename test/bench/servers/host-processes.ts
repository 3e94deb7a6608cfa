import { readlinkSync } from "node:fs";
import type { OwnHost } from "../../engine/harness/own-host.ts";
import { processNumbers, processTree } from "../process-tree.ts";

/**
 * What runs in a host's own namespaces: the engine, its monitors, shims, proxies and bridges. Containers have a mount
 * namespace and a network of their own, so their processes aren't among them.
 */
export function processesOn(host: OwnHost): number[] {
  const kinds = ["mnt", "net"];
  const own = kinds.map((kind) => namespaceOf(host.pid, kind));
  return processNumbers().filter(
    (pid) =>
      pid !== host.pid && kinds.some((kind, i) => own[i] !== undefined && namespaceOf(pid, kind) === own[i]),
  );
}

/** Kills what an engine left running on its host, containers too: they are children of what is. */
export function endProcessesOn(host: OwnHost): void {
  for (const { pid } of processesOn(host).flatMap(processTree)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended just now.
    }
  }
}

function namespaceOf(pid: number, kind: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    // It ended just now.
    return undefined;
  }
}
