import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { blobIsThere, finishFrom } from "../crash/served.ts";
import { digestOf, expectError, expectStatus, freshBytes } from "../harness/registry-client.ts";
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";
import { startImpatientBerth, type ImpatientBerth } from "./impatient-berth.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";
import { partSize } from "./whole-push.ts";

const repo = "team/app";
const uploads = 3;
const empty = { keys: [], blobs: [], multiparts: [] };

describe("lists of the bucket come in pages, or cut", withRgw, () => {
  let rgw: Rgw;
  let proxy: FaultProxy;
  let berth: ImpatientBerth;
  before(async () => {
    rgw = await startRgw({ leastPart: partSize });
    proxy = await startFaultProxy(rgw.endpoint);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await rgw[Symbol.asyncDispose]();
  });

  async function start() {
    proxy.plan(() => undefined);
    proxy.pages(0);
    const patience = { attempts: 3, pause: 5, longestPause: 20, deadline: 10_000, slowest: 1_000_000 };
    const parts = { endpoint: proxy.url, patience, partSize: { first: partSize, fixed: false } };
    berth = await startImpatientBerth(rgw, parts);
    return berth;
  }

  const content = (size: number) => {
    const bytes = freshBytes(size);
    return { bytes, digest: digestOf(bytes) };
  };

  /** Uploads with several parts and two checkpoints each, and some with a checkpoint alone. */
  async function begin() {
    const begun = [];
    for (let n = 0; n < 2 * uploads; n++) {
      const blob = content(n % 2 === 0 ? 3 * partSize + 5000 : 3000);
      const session = await berth.client.startUpload(repo);
      const middle = blob.bytes.length - 2000;
      for (const [start, end] of [
        [0, middle],
        [middle, middle + 1000],
      ] as const) {
        const headers = { "content-range": `${start}-${end - 1}` };
        const body = blob.bytes.subarray(start, end);
        expectStatus(await berth.client.request("PATCH", session, { headers, body }), 202);
      }
      begun.push({ session, blob, offset: middle + 1000 });
    }
    return begun;
  }

  test("page by page, uploads are gone on with and finished", async () => {
    await using _ = await start();
    const begun = await begin();
    proxy.pages(1);
    for (const { session, blob, offset } of begun) {
      await finishFrom(berth.client, session, offset, blob);
      await blobIsThere(berth.client, repo, blob);
    }
    proxy.pages(0);
    const { keys, blobs, multiparts } = await berth.content();
    assert.deepEqual([keys, blobs.length, multiparts], [blobs, begun.length, []]);
  });

  test("page by page, the purge finds everything", async () => {
    await using _ = await start();
    await begin();
    const { keys, multiparts } = await berth.content();
    assert.deepEqual([keys.length, multiparts.length], [4 * uploads, uploads]);
    proxy.pages(1);
    assert.equal(await berth.uploads.purge(Date.now() - 60_000), 0);
    assert.equal(await berth.uploads.purge(Date.now() + 60_000), 2 * uploads);
    assert.deepEqual(await berth.content(), empty);
  });

  test("a list that is always cut ends nothing that goes on: requests fail, the purge fails and comes again", async () => {
    await using _ = await start();
    const begun = await begin();
    proxy.plan(() => "cut-list");
    const [first] = begun;
    assert.ok(first);
    expectError(await berth.client.request("PUT", `${first.session}?digest=${first.blob.digest}`), 503);
    await assert.rejects(berth.uploads.purge(Date.now() - 60_000), { code: "unavailable" });
    proxy.plan(() => undefined);
    for (const { session, blob, offset } of begun) await finishFrom(berth.client, session, offset, blob);
    await begin();
    // Two lists are asked for at the same time: of three in a row each gets one that is whole.
    proxy.plan((number) => (number % 3 === 0 ? "cut-list" : undefined));
    await berth.uploads.purge(Date.now() + 60_000);
    proxy.plan(() => undefined);
    const { keys, blobs, multiparts } = await berth.content();
    assert.deepEqual([keys, blobs.length, multiparts], [blobs, begun.length, []]);
  });
});
