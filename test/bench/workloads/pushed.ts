import { createHash } from "node:crypto";
import type { RunningServer } from "../servers/server.ts";

/** Pulls a blob and hashes it as it comes: what was pushed must be what is there. Redirects are followed. */
export async function expectPushed(
  running: RunningServer,
  repository: string,
  digest: string,
  size: number,
): Promise<void> {
  const target = `http://${running.host}:${running.port}/v2/${repository}/blobs/${digest}`;
  const response = await fetch(target, { signal: AbortSignal.timeout(300_000) });
  if (response.status !== 200) throw new Error(`GET ${target} answered ${response.status}`);
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of response.body ?? []) {
    hash.update(chunk);
    length += chunk.length;
  }
  if (length !== size || `sha256:${hash.digest("hex")}` !== digest)
    throw new Error(`GET ${target} gave ${length} bytes, which are not the ${size} that were pushed`);
}
