import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BrokenOff, expectError, type Content } from "../harness/registry-client.ts";
import { faults, startFaultProxy, type FaultProxy } from "./fault-proxy.ts";
import { startImpatientBerth, type ImpatientBerth } from "./impatient-berth.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";
import { partSize, pushWhole, wholeImage } from "./whole-push.ts";

const MiB = 1024 * 1024;
const repo = "team/app";

describe("each S3 request of a whole pull through Berth fails in turn", withRgw, () => {
  let rgw: Rgw;
  let proxy: FaultProxy;
  let berth: ImpatientBerth;
  const image = wholeImage();
  const blobs = [image.small, image.large, image.chunked];
  const patience = { attempts: 3, pause: 5, longestPause: 20, deadline: 10_000, slowest: 20 * MiB };
  before(async () => {
    rgw = await startRgw({ leastPart: partSize });
    proxy = await startFaultProxy(rgw.endpoint);
    const parts = { endpoint: proxy.url, patience, partSize: { first: partSize, fixed: false } };
    berth = await startImpatientBerth(rgw, parts);
    assert.ok((await pushWhole(berth.client, repo, image)).tagged);
  });
  after(async () => {
    await berth[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await rgw[Symbol.asyncDispose]();
  });

  const ask = ({ digest }: Content, headers = {}) => berth.client.get(`/v2/${repo}/blobs/${digest}`, headers);

  /** The manifest, each blob whole, and a part of one. How many came; `seen` judges what didn't. */
  async function pull(seen: (error: unknown) => void): Promise<number> {
    const manifest = await berth.client.get(`/v2/${repo}/manifests/v1`);
    assert.ok(manifest.body.equals(image.manifest.bytes));
    let came = 0;
    for (const blob of blobs) came += await bytesOf(ask(blob), 200, blob.bytes, seen);
    const part = image.large.bytes.subarray(1000, 200_000);
    return came + (await bytesOf(ask(image.large, { range: "bytes=1000-199999" }), 206, part, seen));
  }

  async function bytesOf(
    request: ReturnType<typeof ask>,
    status: number,
    bytes: Uint8Array,
    seen: (error: unknown) => void,
  ): Promise<number> {
    try {
      const answer = await request;
      if (answer.status === status) {
        assert.ok(answer.body.equals(bytes), "other bytes");
        return 1;
      }
      expectError(answer, 503, "UNAVAILABLE");
      seen(answer);
    } catch (error) {
      // The connection broke amid the bytes: the client sees that it isn't all.
      assert.ok(error instanceof BrokenOff, String(error));
      const { body } = error.response;
      assert.ok(body.equals(bytes.subarray(0, body.length)), "other bytes");
      seen(error);
    }
    return 0;
  }

  for (const fault of faults)
    test(`${fault}: once, the pull gets all; for good, right bytes or an error that shows`, async () => {
      const wait = fault === "silence" || fault === "late" ? 150 : 10_000;
      patience.deadline = 10_000;
      proxy.plan(() => undefined);
      assert.equal(await pull(assert.ifError), 4);
      const count = proxy.seen.length;
      assert.equal(count, 8);
      for (let bad = 0; bad < count; bad++) {
        patience.deadline = wait;
        proxy.plan((number) => (number === bad ? fault : undefined));
        assert.equal(await pull(assert.ifError), 4, proxy.seen[bad]);
      }
      for (let bad = 0; bad < count; bad++) {
        let failed = 0;
        patience.deadline = wait;
        proxy.plan((number) => (number >= bad ? fault : undefined));
        const came = await pull(() => failed++);
        assert.equal(came + failed, 4);
        if (fault !== "slow") assert.ok(failed > 0, proxy.seen[bad]);
      }
      patience.deadline = 10_000;
      proxy.plan(() => undefined);
      await proxy.settled();
      assert.equal(await pull(assert.ifError), 4);
    });
});
