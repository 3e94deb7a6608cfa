import assert from "node:assert/strict";
import { readdirSync, readlinkSync, readdirSync as ls, truncateSync, writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freshBytes, oci } from "../harness/registry-client.ts";
import { startFaultyUpstream, type Faults, type Kind } from "../upstreams/faulty-upstream.ts";
import { startCache } from "./cache.ts";
import { until } from "./until.ts";

const rejections: unknown[] = [];
process.on("unhandledRejection", (e) => rejections.push(e));
const open = () =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes("berth-test-");
    } catch {
      return false;
    }
  }).length;

const faults: Faults[] = ["wrong-digest", "short", "long", "length-too-long", "length-too-short", "no-length", "gzip", "no-digest", "other-digest", "html",
  "endless", "silence", "reset", "reset-mid-body", ["reset-mid-body", "no-ranges"], ["reset-mid-body", "wrong-range"], "foreign-type", "gone", "unauthorized", "redirect-loop",
  { status: 500 }, { status: 304 }, { status: 206 }, { status: 204 }, { status: 416 }, { status: 400, body: "x" }, { status: 302 }, { status: 999 }, { redirect: "http://127.0.0.2:9/blob" }, { redirect: "http://[" }, { challenge: 'Bearer realm="http://evil.test/t"' }, { challenge: "Negotiate" },
  { challenge: "Basic" }, { resetAfter: 0 }, { resetAfter: 1 }, { headers: { "content-type": "a".repeat(5000) } }, { headers: { "docker-content-digest": "x".repeat(9000) } }, { headers: { "content-range": "bytes 0-1/2" } },
  { status: 429, headers: { "retry-after": "0" } }, { status: 503, headers: { "retry-after": "1" }, body: "z".repeat(300000) }];

test("A limiter with one place", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream, { timeout: 300, missing_ttl: 1, ttl: 0, rate: { requests: undefined, concurrent: 1 } });
  const kinds: Kind[] = ["blob", "head-blob", "manifest", "head-manifest", "tags", "referrers"];
  await cache.client.get("/v2/");
  const before = open();
  let n = 0;
  for (const fault of faults) for (const kind of kinds) {
    const repo = `library/r${n++}`;
    const image = oci.image({ layers: [freshBytes(200_000), freshBytes(2000)] });
    upstream.add(repo, image, "latest");
    upstream.add(repo, image, "old");
    const b = `/v2/docker.io/${repo}`;
    if (kind === "head-manifest") await cache.client.get(`${b}/manifests/latest`);
    upstream.harm(kind, fault);
    const path = kind.endsWith("blob") ? `${b}/blobs/${image.blobs[n % 2 + 1]?.digest}` : kind.endsWith("manifest") ? `${b}/manifests/latest` : kind === "tags" ? `${b}/tags/list` : `${b}/referrers/${image.digest}`;
    const ctl = cache.client;
    const got = await (kind.startsWith("head") ? ctl.head(path) : ctl.get(path)).catch(() => undefined);
    if (got?.status === 500) console.log("500", JSON.stringify(fault), kind, got.body.toString());
    upstream.heal();
    // breaker
    for (let i = 0; ; i++) {
      const good = await cache.client.get(`${b}/manifests/old`, {}).catch(() => undefined);
      if (good?.status === 200) break;
      if (i > 80) assert.fail(`${JSON.stringify(fault)} ${kind}: ${good?.status} ${good?.body.toString()}`);
      if (i === 0) console.log("wait", JSON.stringify(fault), kind, good?.body.toString());
      await sleep(100);
    }
  }
  await sleep(500);
  assert.equal(open(), before);
  assert.deepEqual(rejections, []);
});

test("H parity", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const empty = upstream.addBlob("library/x", Buffer.alloc(0));
  const one = upstream.addBlob("library/x", Buffer.from("x"));
  const big = upstream.addBlob("library/x", freshBytes(400_000));
  const image = oci.image();
  upstream.add("library/x", image, "latest");
  for (const d of [empty, one, big, image.digest]) {
    const p = `/v2/docker.io/library/x/${d === image.digest ? "manifests" : "blobs"}/${d}`;
    const head = await cache.client.head(p), get = await cache.client.get(p);
    const pick = (r: typeof get) => Object.fromEntries(["content-length", "content-type", "etag", "docker-content-digest", "x-cache", "accept-ranges", "cache-control"].map((k) => [k, r.headers.get(k)]));
    assert.equal(get.status, 200);
    if (d === image.digest) console.log(pick(head), pick(get));
    else assert.deepEqual(pick(head), pick(get));
  }
  const cond = upstream.addBlob("library/x", freshBytes(400_000));
  const c = await cache.client.get(`/v2/docker.io/library/x/blobs/${cond}`, { "if-none-match": `"${cond}"` });
  assert.equal(c.status, 304);
  const r416 = await cache.client.get(`/v2/docker.io/library/x/blobs/${upstream.addBlob("library/x", freshBytes(400_001))}`, { range: "bytes=400001-" });
  assert.equal(r416.status, 416);
});

test("K damaged", async () => {
  await using upstream = await startFaultyUpstream();
  await using cache = await startCache(upstream);
  const bytes = freshBytes(400_000);
  const d = upstream.addBlob("library/x", bytes);
  const p = `/v2/docker.io/library/x/blobs/${d}`;
  await cache.client.get(p);
  await until(async () => (await cache.client.head(p)).headers.get("x-cache") === "HIT");
  const blobs = join(cache.berth.data, "store", "blobs");
  const all = ls(cache.berth.data, { recursive: true }) as string[];
  const file = all.find((f) => f.includes("/blobs/") && readFileSyncSafe(join(cache.berth.data, f)) === 400_000);
  assert.ok(file, JSON.stringify(all) + blobs);
  truncateSync(join(cache.berth.data, file), 100);
  const again = await cache.client.get(p);
  assert.equal(again.status, 200);
  assert.deepEqual(again.body, bytes);
  assert.equal(again.headers.get("x-cache"), "MISS");
  await until(async () => (await cache.client.get(p)).headers.get("x-cache") === "HIT");
});
function readFileSyncSafe(p: string) { try { return readFileSync(p).length; } catch { return -1; } }
void writeFileSync;
