import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import pino from "pino";
import { readWebFiles } from "#adapters/web-files/web-files.ts";
import { createEdge } from "#http/edge/edge.ts";
import { createOrigins } from "#http/edge/origin.ts";
import { sendPage } from "#http/web/page.ts";
import { startBerth } from "../harness/berth.ts";
import { registryClient, type RegistryClient } from "../harness/registry-client.ts";
import { startGuarded } from "../guarded/guarded.ts";

const folder = mkdtempSync(join(tmpdir(), "berth-page-"));
const script = `console.log("${"x".repeat(5_000)}");\n`;
const html = `<!doctype html><title>Berth</title>${" ".repeat(600)}`;
let client: RegistryClient;
let close: () => void;

before(async () => {
  mkdirSync(join(folder, "web/assets"), { recursive: true });
  writeFileSync(join(folder, "web/index.html"), html);
  writeFileSync(join(folder, "web/logo.svg"), "<svg/>");
  writeFileSync(join(folder, "web/assets/main-1a2b3c4d.js"), script);
  writeFileSync(join(folder, "web/assets/plain.js"), "1");
  writeFileSync(join(folder, "web/secret.pem"), "a file of no kind that a page has");
  writeFileSync(join(folder, "outside.js"), "outside");
  symlinkSync(join(folder, "outside.js"), join(folder, "web/assets/link-12345678.js"));
  const files = await readWebFiles(join(folder, "web"));
  const edge = createEdge({
    log: pino({ level: "silent" }),
    accessLog: false,
    meter: { request: () => undefined },
    origins: createOrigins(undefined, []),
    doors: [
      async (ctx, next) => {
        if (!(await sendPage(ctx, files))) await next();
      },
    ],
  });
  const handle = edge.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = registryClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  close = () => server.close();
});

after(() => {
  close();
  rmSync(folder, { recursive: true, force: true });
});

test("the page is given for / and its places, never kept, and confirmed by its tag", async () => {
  for (const path of [
    "/",
    "/r/team/app",
    "/r/team/app?tag=v1",
    "/usage",
    "/health",
    "/sign-in",
    "/r/%3Cscript%3E",
  ]) {
    const answer = await client.get(path);
    assert.deepEqual(
      [answer.status, answer.headers.get("content-type")],
      [200, "text/html; charset=utf-8"],
      path,
    );
    assert.equal(answer.headers.get("cache-control"), "no-cache");
    assert.equal(answer.body.toString(), html);
  }
  const tag = (await client.get("/")).headers.get("etag") ?? "";
  const again = await client.get("/", { "if-none-match": tag });
  assert.deepEqual([again.status, again.body.length], [304, 0]);
  const head = await client.head("/");
  assert.deepEqual([head.status, head.headers.get("etag"), head.body.length], [200, tag, 0]);
  const post = await client.request("POST", "/");
  assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
});

test("files with a hash in their name are kept for good, packed as the browser takes it", async () => {
  const path = "/assets/main-1a2b3c4d.js";
  const plain = await client.get(path);
  assert.equal(plain.body.toString(), script);
  assert.equal(plain.headers.get("content-type"), "text/javascript; charset=utf-8");
  assert.equal(plain.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.equal(plain.headers.get("vary"), "Accept-Encoding");
  const brotli = await client.get(path, { "accept-encoding": "gzip, br" });
  assert.equal(brotli.headers.get("content-encoding"), "br");
  assert.equal(brotliDecompressSync(brotli.body).toString(), script);
  const zipped = await client.get(path, { "accept-encoding": "gzip" });
  assert.equal(gunzipSync(zipped.body).toString(), script);
  assert.ok(zipped.body.length < script.length / 10);
  assert.notEqual(zipped.headers.get("etag"), brotli.headers.get("etag"));
  const none = await client.get(path, { "accept-encoding": "br;q=0, gzip;q=0" });
  assert.equal(none.headers.get("content-encoding"), undefined);
  assert.equal((await client.get("/assets/plain.js")).headers.get("cache-control"), "no-cache");
  assert.equal((await client.get("/logo.svg")).headers.get("content-type"), "image/svg+xml");
});

test("everything comes with headers that keep browsers strict", async () => {
  for (const path of ["/", "/assets/main-1a2b3c4d.js", "/assets/nothing-12345678.js", "/logo.svg"]) {
    const { headers } = await client.get(path);
    assert.equal(
      headers.get("content-security-policy"),
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      path,
    );
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
    assert.match(headers.get("permissions-policy") ?? "", /camera=\(\)/);
    assert.equal(headers.get("set-cookie"), undefined);
  }
});

test("no path leads out of the built files, nor to what isn't a page's", async () => {
  for (const path of [
    "/assets/../../outside.js",
    "/assets/..%2f..%2foutside.js",
    "/assets/%2e%2e/%2e%2e/outside.js",
    "/assets/....//outside.js",
    "/assets/..\\..\\outside.js",
    "/assets//etc/passwd",
    "/assets/link-12345678.js",
    "/assets/",
    "/assets/main-1a2b3c4d.js/",
    "/assets/main-1a2b3c4d.js%00",
    "/secret.pem",
    "/index.html",
    "/../outside.js",
    "/%2e%2e/outside.js",
    "//outside.js",
    "/usagex",
    "/rx",
    "/__proto__",
    "/constructor",
    "/favicon.ico",
  ]) {
    const answer = await client.get(path);
    assert.equal(answer.status, 404, path);
    assert.doesNotMatch(answer.body.toString(), /outside|root:/);
  }
});

test("without built files / says how to build them; other doors keep their paths", async () => {
  assert.equal(await readWebFiles(join(folder, "nothing")), undefined);
  await using berth = await startBerth();
  const served = registryClient(berth.url);
  const page = await served.get("/");
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
  assert.match(page.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
  assert.equal((await served.get("/v2/")).headers.get("docker-distribution-api-version"), "registry/2.0");
  assert.equal((await served.get("/livez")).body.toString(), "ok\n");
  assert.match((await served.get("/readyz")).body.toString(), /^ready/);
  assert.match((await served.get("/metrics")).body.toString(), /berth_blobs/);
  for (const path of [
    "/v1/_ping",
    "/api",
    "/api/",
    "/api/v1",
    "/api/v2/session",
    "/nothing",
    "/token",
    "/v2x",
  ]) {
    const answer = await served.get(path);
    assert.equal(answer.status, 404, path);
    assert.equal(JSON.parse(answer.body.toString()).errors.length, 1);
  }
});

test("switched off there is no page and none of its API; accounts stay", async () => {
  await using house = await startGuarded("  rules: []", "", { web: { enabled: false } });
  const root = house.as(await house.addUser("root-user", { admin: true }));
  for (const path of ["/", "/r/a", "/api/v1/session", "/api/v1/repositories"])
    assert.equal((await root.get(path)).status, 404, path);
  assert.equal((await root.get("/api/v1/users")).status, 200);
});

test("an address for metrics has no page", async () => {
  await using berth = await startBerth({ metrics: { listen: [{ host: "127.0.0.1", port: 0 }] } });
  const metrics = registryClient(berth.urls.at(-1) ?? "");
  for (const path of ["/", "/r/a", "/api/v1/session"])
    assert.equal((await metrics.get(path)).status, 404, path);
});
