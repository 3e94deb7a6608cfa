import assert from "node:assert/strict";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import type { Content, ManifestContent } from "../harness/registry-client.ts";

/** Silence after which a client gives up, ms. */
const patience = 120_000;

/** One of many clients of one image, as Docker pulls: the manifest by its tag, then its blobs. */
export interface CrowdClient {
  /** Resolves when every byte has come and was right; rejects otherwise. */
  done: Promise<void>;
  /** Body bytes of blobs so far. */
  readonly received: number;
  /** Breaks off all its connections, as a client that is killed. */
  kill(): void;
}

/** @param together whether it fetches all blobs at the same time, or one after the other */
export function pullAsCrowd(
  url: string,
  repository: string,
  tag: string,
  image: ManifestContent,
  together = true,
): CrowdClient {
  const agent = new Agent({ keepAlive: true, maxSockets: image.blobs.length });
  const killed = new AbortController();
  let received = 0;
  const { hostname, port } = new URL(url);

  function get(path: string, accept: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest({
        hostname,
        port,
        path: `/v2/${repository}/${path}`,
        headers: { accept },
        agent,
        signal: killed.signal,
      });
      outgoing.setTimeout(patience, () =>
        outgoing.destroy(new Error(`${path}: nothing came for ${patience} ms`)),
      );
      outgoing.once("error", reject);
      outgoing.once("response", resolve);
      outgoing.end();
    });
  }

  /** Compares as it comes, so that nothing has to be kept. */
  async function same(path: string, { bytes }: Content, accept: string, count: (size: number) => void) {
    const response = await get(path, accept);
    let at = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      const right = bytes.subarray(at, at + chunk.length);
      // A refusal has other bytes, and says why.
      if (response.statusCode !== 200 || !chunk.equals(right))
        assert.fail(
          `${path} → ${response.statusCode}, other bytes after ${at}: ${chunk.toString("latin1", 0, 500)}`,
        );
      at += chunk.length;
      count(chunk.length);
    }
    assert.ok(response.complete && at === bytes.length, `${path} broke off after ${at} of ${bytes.length}`);
  }

  async function pull(): Promise<void> {
    try {
      await same(`manifests/${tag}`, image, image.mediaType, () => undefined);
      const fetch = (blob: Content) =>
        same(`blobs/${blob.digest}`, blob, "*/*", (size) => (received += size));
      if (!together) for (const blob of image.blobs) await fetch(blob);
      else await Promise.all(image.blobs.map(fetch));
    } finally {
      agent.destroy();
    }
  }
  const done = pull();
  done.catch(() => undefined);
  return {
    done,
    get received() {
      return received;
    },
    kill: () => killed.abort(),
  };
}
