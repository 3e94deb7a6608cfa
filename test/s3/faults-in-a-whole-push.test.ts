import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { blobIsThere, blobIsWhole, finishFrom, manifestIsThere, offsetOf } from "../crash/served.ts";
import { digestOf, expectError, expectStatus } from "../harness/registry-client.ts";
import { startFaultProxy, type Fault, type FaultProxy } from "./fault-proxy.ts";
import { isList } from "./list-answers.ts";
import { startImpatientBerth, type ImpatientBerth } from "./impatient-berth.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";
import { partSize, pushWhole, wholeImage, type Pushed, type WholeImage } from "./whole-push.ts";

const MiB = 1024 * 1024;
/** Enough for any answer on a busy machine, ms. */
const longest = 10_000;

/** Which fault a request gets: what is answered alike takes turns. */
const ways: Record<string, (number: number) => Fault> = {
  "no connection": () => "reset",
  "a lost answer": () => "lost-answer",
  "503 or 500": (number) => (number % 2 === 0 ? "slow-down" : "internal-error"),
  "no answer": () => "silence",
  "served too late": () => "late",
  "a cut answer": () => "cut-answer",
  "a list that is cut without a word where": () => "cut-list",
};
/** Faults that are waited for. */
const silent = ["no answer", "served too late"];

/**
 * A Berth for each fault, side by side: some of them are waited for. Small blob, streamed blob, chunked blob,
 * manifest: each request that this makes to S3 fails, one after the other.
 */
describe("each S3 request of a whole push fails in turn", { ...withRgw, concurrency: true }, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw({ leastPart: partSize });
  });
  after(() => rgw[Symbol.asyncDispose]());

  for (const [n, [way, faultOf]] of Object.entries(ways).entries()) {
    test(`${way}, once: the push succeeds and leaves three objects`, async () => {
      await using at = await start(silent.includes(way) ? 500 : 5_000, 4);
      for (const [bad, line] of (await requestsOf(at)).entries()) {
        if (faultOf(bad) === "cut-list" && !isList(line.split(" ")[0], line)) continue;
        const repo = `once/${bad}`;
        const image = wholeImage();
        const before = await at.berth.content();
        at.harm((number) => (number === bad ? faultOf(number) : undefined));
        const pushed = await pushWhole(at.berth.client, repo, image);
        const hit = at.proxy.seen[bad];
        assert.ok(pushed.tagged, `${hit}: ${pushed.refused?.answer.body.toString()}`);
        await at.mend();
        // What a lost answer left behind is the purge's.
        await at.berth.uploads.purge(Date.now() + 60_000);
        await isWhole(at, repo, image, pushed);
        assert.equal((await tidy(at)).length, before.blobs.length + 3, hit);
      }
    });

    test(`${way}, from some request on: the push ends in a clear error, and nothing is lost`, async () => {
      await using at = await start(silent.includes(way) ? 200 : 5_000, 2);
      const { length: count } = await requestsOf(at);
      for (const key of (await at.berth.content()).blobs) at.known.add(key);
      // Every second one; the next fault takes the others.
      for (let bad = n % 2; bad < count; bad += 2) {
        const repo = `lasting/${bad}`;
        const image = wholeImage();
        at.harm((number) => (number >= bad ? faultOf(number) : undefined));
        const pushed = await pushWhole(at.berth.client, repo, image);
        const hit = at.proxy.seen[bad];
        const { refused } = pushed;
        if (refused !== undefined) {
          const { status } = refused.answer;
          expectError(refused.answer, status === 500 ? 500 : 503, "UNAVAILABLE");
          if (status === 503) assert.ok(refused.answer.headers.get("retry-after"), hit);
        }
        await goOn(at, Math.floor(bad / 2) + n, refused?.upload, hit);
        await at.berth.uploads.purge(Date.now() + 60_000);
        await isWhole(at, repo, image, pushed);
        await tidy(at);
        await strays(at, [image.small, image.large, image.chunked]);
      }
    });
  }

  interface Place extends AsyncDisposable {
    berth: ImpatientBerth;
    proxy: FaultProxy;
    harm(fault: Parameters<FaultProxy["plan"]>[0]): void;
    mend(): Promise<void>;
    /** Keys that were looked at. */
    known: Set<string>;
  }

  /** @param deadline of a request while it is harmed, ms. */
  async function start(deadline: number, attempts: number): Promise<Place> {
    await using stack = new AsyncDisposableStack();
    const proxy = stack.use(await startFaultProxy(rgw.endpoint));
    const patience = { attempts, pause: 5, longestPause: 20, deadline: longest, slowest: 20 * MiB };
    const parts = { endpoint: proxy.url, patience, partSize: { first: partSize, fixed: false } };
    const berth = stack.use(await startImpatientBerth(rgw, parts));
    const started = stack.move();
    return {
      berth,
      proxy,
      known: new Set(),
      harm(fault) {
        patience.deadline = deadline;
        proxy.plan(fault);
      },
      async mend() {
        patience.deadline = longest;
        proxy.plan(() => undefined);
        await proxy.settled();
      },
      [Symbol.asyncDispose]: () => started.disposeAsync(),
    };
  }

  /** Lines of what a push without faults asks for. */
  async function requestsOf({ berth, proxy }: Place): Promise<string[]> {
    proxy.plan(() => undefined);
    assert.ok((await pushWhole(berth.client, "whole", wholeImage())).tagged);
    assert.ok(proxy.seen.length > 15, String(proxy.seen.length));
    return proxy.seen;
  }

  /** A client gives up (while S3 is out of order, or later), goes on, or goes away. */
  async function goOn(at: Place, turn: number, upload: Upload, hit: string | undefined): Promise<void> {
    const { client } = at.berth;
    if (upload === undefined) return at.mend();
    const { session, blob } = upload;
    switch (turn % 4) {
      case 0:
        expectStatus(await client.request("DELETE", session), 204, 500, 503);
        return at.mend();
      case 1:
        await at.mend();
        expectStatus(await client.request("DELETE", session), 204);
        return;
      case 2: {
        await at.mend();
        const offset = await offsetOf(client, session);
        assert.ok(offset !== undefined, hit);
        const repo = session.split("/blobs/")[0]?.slice("/v2/".length) ?? "";
        await finishFrom(client, session, offset, blob).catch(async (error: unknown) => {
          // S3 may still be busy with what nobody waits for any more: then the client begins anew.
          assert.match(String(error), /404 .*BLOB_UPLOAD_UNKNOWN.*Begin a new upload/);
          await client.pushBlob(blob.bytes, { repo });
        });
        await blobIsThere(client, repo, blob);
        return;
      }
      default:
        return at.mend();
    }
  }

  /** What was acknowledged is there; the rest is there whole or not at all. */
  async function isWhole({ berth }: Place, repo: string, image: WholeImage, pushed: Pushed): Promise<void> {
    for (const blob of [image.small, image.large, image.chunked])
      if (pushed.acknowledged.includes(blob)) await blobIsThere(berth.client, repo, blob);
      else await blobIsWhole(berth.client, repo, blob);
    if (pushed.tagged) await manifestIsThere(berth.client, repo, "v1", image.manifest);
    else expectError(await berth.client.get(`/v2/${repo}/manifests/v1`), 404);
  }

  /** Nothing is in the bucket but blobs; their keys. */
  async function tidy({ berth }: Place): Promise<string[]> {
    const { keys, blobs, multiparts } = await berth.content();
    assert.deepEqual([keys, multiparts], [blobs, []]);
    return blobs;
  }

  /** An answer that was lost may hide a blob that nobody refers to; it is a whole one all the same. */
  async function strays({ berth, known }: Place, contents: { digest: string }[]): Promise<void> {
    for (const Key of (await berth.content()).blobs) {
      if (known.has(Key)) continue;
      known.add(Key);
      const { Body } = await rgw.client.send(new GetObjectCommand({ Bucket: berth.bucket, Key }));
      const digest = digestOf((await Body?.transformToByteArray()) ?? new Uint8Array());
      assert.ok(
        contents.some((content) => content.digest === digest),
        Key,
      );
    }
  }
});

type Upload = NonNullable<Pushed["refused"]>["upload"];
