import { readlinkSync } from "node:fs";
import type { OwnHost } from "../../engine/harness/own-host.ts";
import { processNumbers } from "../process-tree.ts";

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

function namespaceOf(pid: number, kind: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    // It ended just now.
    return undefined;
  }
}
