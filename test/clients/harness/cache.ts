import assert from "node:assert/strict";
import { freePort } from "../../bench/servers/free-port.ts";
import type { RunningUpstream } from "../../upstreams/running-upstream.ts";
import { startRegistry, type Registry } from "./registry.ts";
import type { Workplace } from "./workplace.ts";

/** A Berth that pulls `docker.io` through from an upstream of the test. */
export interface Cache extends Registry {
  /** `127.0.0.1:PORT`, where unqualified names are the upstream's. */
  mirror: string;
}

/** The configuration of docker.io. @param more other keys of it */
export function dockerHub(upstream: RunningUpstream, more: Record<string, unknown> = {}) {
  const { account } = upstream;
  const signIn = account === undefined ? {} : { username: account.name, password: account.secret };
  return { name: "docker.io", url: upstream.url, ttl: "1h", ...signIn, ...more };
}

/** On the workplace's folder `registry`: a second one, later, is the same one restarted. */
export async function startCache(
  work: Workplace,
  upstream: RunningUpstream,
  more: Record<string, unknown> = {},
): Promise<Cache> {
  const mirror = `127.0.0.1:${await freePort()}`;
  const upstreams = [dockerHub(upstream, { mirror_listen: [mirror], ...more })];
  return { ...(await startRegistry(work.folder("registry"), { config: { upstreams } })), mirror };
}

/**
 * Pulls cold (everything comes from the upstream, each blob once), warm (nobody asks it anything), and with the
 * upstream stopped. @param pull must fetch the image anew and check its bytes
 */
export async function pullColdWarmStopped(
  upstream: RunningUpstream,
  blobs: { digests: readonly string[]; bytes: number },
  pull: () => Promise<unknown>,
): Promise<void> {
  const { front } = upstream;
  front.forget();
  await pull();
  assertFetchedOnce(upstream, blobs);
  front.forget();
  await pull();
  assert.deepEqual([front.seen, front.connections], [[], 0], "a warm pull asked the upstream");
  await upstream.stop();
  try {
    await pull();
  } finally {
    await upstream.start();
  }
}

/** Exactly these blobs came from the upstream, each once and whole. It may have asked for a sign-in before. */
export function assertFetchedOnce(
  { front }: RunningUpstream,
  { digests, bytes }: { digests: readonly string[]; bytes: number },
): void {
  const fetched = front.requests("blob", "GET").filter(({ status }) => status !== 401);
  assert.deepEqual(fetched.map(({ reference }) => reference).sort(), [...digests].sort());
  assert.equal(
    fetched.reduce((sum, one) => sum + one.bytes, 0),
    bytes,
  );
}
