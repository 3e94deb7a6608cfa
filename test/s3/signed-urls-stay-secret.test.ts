import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { spawnBerth, type BerthProcess } from "../harness/process.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
} from "../harness/registry-client.ts";
import { startFaultProxy, type Fault, type FaultProxy } from "./fault-proxy.ts";
import { s3Storage } from "./s3-section.ts";
import { startRgw, withRgw, type Rgw } from "./rgw.ts";

const MiB = 1024 * 1024;
const repo = "team/app";
const secret = /X-Amz-|Signature=|Credential=|AWS4-HMAC|StringToSign/i;

describe("signed URLs and signatures are in no log and in no error", withRgw, () => {
  let rgw: Rgw;
  let proxy: FaultProxy;
  before(async () => {
    rgw = await startRgw();
    proxy = await startFaultProxy(rgw.endpoint);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await rgw[Symbol.asyncDispose]();
  });

  function assertSecret(text: string): void {
    assert.doesNotMatch(text, secret);
    assert.ok(!text.includes(rgw.secretAccessKey) && !text.includes(rgw.accessKeyId));
  }

  async function start(enabled: boolean): Promise<BerthProcess> {
    const bucket = await rgw.bucket();
    const more = { endpoint: proxy.url };
    proxy.plan(() => undefined);
    return spawnBerth({
      config: {
        log: { level: "trace", access: true },
        storage: s3Storage(rgw, bucket, { enabled }, more),
      },
    });
  }

  /** Its log lines of all requests so far. */
  async function logged(berth: BerthProcess, requests: number): Promise<string> {
    const count = () => berth.logs().split('"msg":"request"').length - 1;
    for (let tries = 0; count() < requests && tries < 200; tries++) await sleep(50);
    assert.ok(count() >= requests, `${count()} of ${requests} requests are logged`);
    return berth.logs();
  }

  test("pulls by redirects, at the level of trace", async () => {
    await using berth = await start(true);
    const client = registryClient(berth.url);
    const bytes = freshBytes(6 * MiB);
    const digest = await client.pushBlob(bytes, { repo, how: "chunked" });
    const path = `/v2/${repo}/blobs/${digest}`;
    let asked = 0;
    for (const range of [undefined, "bytes=0-99", "bytes=-5", "bytes=99999999-", "bytes=x"]) {
      const answer = await client.get(path, range === undefined ? {} : { range });
      asked++;
      const location = answer.headers.get("location");
      if (location === undefined) {
        assertSecret(answer.body.subarray(0, 1000).toString("latin1"));
        continue;
      }
      // What is looked for is there.
      assert.match(location, secret);
      assert.equal(answer.body.length, 0);
      const headers = range === undefined ? {} : { range };
      const sent = await fetch(location, { headers });
      assert.ok(sent.ok);
      await sent.arrayBuffer();
    }
    assertSecret(await logged(berth, asked));
  });

  for (const enabled of [true, false])
    test(`pushes and pulls that fail, redirects ${enabled ? "on" : "off"}`, async () => {
      await using berth = await start(enabled);
      const client = registryClient(berth.url);
      const digest = await client.pushBlob(freshBytes(1000), { repo });
      const path = `/v2/${repo}/blobs/${digest}`;
      let asked = 0;
      const refused = async (request: ReturnType<typeof client.request>, ...statuses: number[]) => {
        const answer = await request;
        asked++;
        expectStatus(answer, ...statuses);
        if (answer.method !== "HEAD") expectError(answer, answer.status);
        assertSecret(answer.body.toString());
        assertSecret(JSON.stringify(answer.headers.comparable()));
      };
      const bytes = freshBytes(6 * MiB);
      const post = `/v2/${repo}/blobs/uploads/?digest=${digestOf(bytes)}`;
      for (const fault of ["refused", "cut-answer"] as Fault[]) {
        proxy.plan(() => fault);
        await Promise.all([
          refused(client.get(path), 500, 503),
          refused(client.head(path), 500, 503),
          refused(client.request("POST", post, { body: bytes }), 500, 503),
          refused(client.request("POST", post, { body: bytes.subarray(0, 10) }), 400),
          client.get("/readyz").then(({ status, body }) => {
            asked++;
            assert.equal(status, 503);
            assertSecret(body.toString());
          }),
        ]);
      }
      proxy.plan(() => undefined);
      const log = await logged(berth, asked);
      assert.match(log, /SignatureDoesNotMatch/);
      assertSecret(log);
    });
});
