import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, readdir, stat, truncate } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { expectError, expectStatus, freshBytes, receive, type Response } from "../harness/registry-client.ts";
import { startBehindNginx, withNginx, type BehindNginx } from "./behind-nginx.ts";

const size = 100_000;
const bytes = freshBytes(size);
const repo = "team/app";

/** Pushes the same bytes to a Berth that hands over and to one that doesn't. */
async function both(use: (one: BehindNginx, path: string) => Promise<Response>) {
  const answers: Response[] = [];
  for (const accel of [true, false]) {
    await using all = await startBehindNginx({}, accel);
    const digest = await all.client.pushBlob(bytes, { repo });
    answers.push(await use(all, `/v2/${repo}/blobs/${digest}`));
  }
  return answers as [Response, Response];
}

function sameHeaders(one: Response, other: Response): void {
  assert.deepEqual(one.headers.comparable(), other.headers.comparable());
}

for (const [what, headers, status] of [
  ["the whole", {}, 200],
  ["a range", { range: "bytes=500-1499" }, 206],
  ["an open range", { range: "bytes=99000-" }, 206],
  ["a suffix", { range: "bytes=-10" }, 206],
  ["a suffix longer than the blob", { range: "bytes=-500000" }, 206],
  ["a range past the end", { range: "bytes=99990-200000" }, 206],
  ["several ranges (the whole)", { range: "bytes=0-1,5-6" }, 200],
  ["another unit (the whole)", { range: "items=0-1" }, 200],
  ["a senseless range (the whole)", { range: "bytes=abc" }, 200],
  ["an end beyond all integers", { range: "bytes=10-99999999999999999999999999" }, 206],
  ["If-Range that doesn't hold", { range: "bytes=0-9", "if-range": '"other"' }, 200],
  [
    "If-Modified-Since, which counts for nothing",
    { "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" },
    200,
  ],
  ["If-None-Match of other bytes", { "if-none-match": '"other"' }, 200],
  ["If-Match of other bytes", { "if-match": '"other"' }, 200],
  ["If-Unmodified-Since, long ago", { "if-unmodified-since": "Fri, 01 Jan 1999 00:00:00 GMT" }, 200],
  ["an unsatisfiable range", { range: "bytes=100000-" }, 416],
  ["an inverted range", { range: "bytes=500-0" }, 416],
  ["an empty suffix", { range: "bytes=-0" }, 416],
] as const) {
  test(`${what}: ${status}, the same with and without nginx' help`, withNginx, async () => {
    const [helped, alone] = await both((all, path) => all.client.get(path, headers));
    expectStatus(helped, status);
    sameHeaders(helped, alone);
    assert.equal(helped.status, alone.status);
    assert.ok(helped.body.equals(alone.body));
    if (status === 416) expectError(helped, 416, "UNSUPPORTED");
  });
}

test("If-Range that holds, If-None-Match and HEAD: the same with and without", withNginx, async () => {
  for (const [method, status, name] of [
    ["GET", 206, "if-range"],
    ["GET", 304, "if-none-match"],
    ["HEAD", 200, undefined],
    ["HEAD", 304, "if-none-match"],
  ] as const) {
    const [helped, alone] = await both((all, path) => {
      const tag = `"${path.slice(path.lastIndexOf("/") + 1)}"`;
      const headers = name === undefined ? {} : { [name]: tag, range: "bytes=0-9" };
      return all.client.request(method, path, { headers });
    });
    expectStatus(helped, status);
    sameHeaders(helped, alone);
    assert.ok(helped.body.equals(alone.body));
  }
});

test("the answer has each of its headers once, and says which request it answers", withNginx, async () => {
  await using all = await startBehindNginx();
  const digest = await all.client.pushBlob(bytes, { repo });
  const { headers } = await all.client.get(`/v2/${repo}/blobs/${digest}`);
  for (const [name, value] of [
    ["docker-content-digest", digest],
    ["etag", `"${digest}"`],
    ["content-type", "application/octet-stream"],
    ["content-length", String(size)],
    ["accept-ranges", "bytes"],
    ["cache-control", "private, max-age=31536000, immutable"],
    ["docker-distribution-api-version", "registry/2.0"],
    ["last-modified", undefined],
    ["x-accel-redirect", undefined],
    ["x-cache", undefined],
  ] as const)
    assert.equal(headers.get(name), value, name);
  assert.match(headers.get("x-request-id") ?? "", /^[0-9a-f]{32}$/);
});

test("what Berth tells nginx: the file's place below the folder, and no bytes", withNginx, async () => {
  await using all = await startBehindNginx();
  const digest = await all.client.pushBlob(bytes, { repo });
  const trusted = await asProxy(all, `/v2/${repo}/blobs/${digest}`);
  expectStatus(trusted, 200);
  const hex = digest.slice("sha256:".length);
  assert.match(
    trusted.headers.get("x-accel-redirect") ?? "",
    new RegExp(`^/berth-blobs/sha256/${hex.slice(0, 2)}/${hex}\\.[A-Za-z0-9_-]{12}$`),
  );
  assert.equal(trusted.headers.get("content-length"), "0");
  assert.equal(trusted.body.length, 0);
});

test("who isn't the proxy never sees where the file is, whatever he claims", withNginx, async () => {
  await using all = await startBehindNginx();
  const digest = await all.client.pushBlob(bytes, { repo });
  const path = `/v2/${repo}/blobs/${digest}`;
  for (const headers of [{}, { "x-forwarded-for": "127.0.0.2" }, { "x-accel-redirect": "/berth-blobs/" }]) {
    const response = await all.direct.get(path, headers);
    expectStatus(response, 200);
    assert.equal(response.headers.get("x-accel-redirect"), undefined);
    assert.ok(response.body.equals(bytes));
  }
});

test(
  "a client reaches the folder neither by its location nor by a header of his own",
  withNginx,
  async () => {
    await using all = await startBehindNginx();
    const digest = await all.client.pushBlob(bytes, { repo });
    const target = (await asProxy(all, `/v2/${repo}/blobs/${digest}`)).headers.get("x-accel-redirect") ?? "";
    for (const path of [target, "/berth-blobs/", `/v2/..${target}`, `/%62erth-blobs/${target.slice(13)}`]) {
      const response = await all.client.get(path);
      expectStatus(response, 404);
      assert.ok(!response.body.includes(bytes.subarray(0, 100)));
    }
    const named = { "x-accel-redirect": target, "x-sendfile": target };
    expectStatus(await all.client.get("/v2/other/blobs/" + digest, named), 404);
    expectError(
      await all.client.get(`/v2/${repo}/blobs/sha256:${"0".repeat(64)}`, named),
      404,
      "BLOB_UNKNOWN",
    );
  },
);

test("verify_reads: Berth reads every byte itself", withNginx, async () => {
  await using all = await startBehindNginx({ storage: { verify_reads: true } });
  const digest = await all.client.pushBlob(bytes, { repo });
  const response = await asProxy(all, `/v2/${repo}/blobs/${digest}`);
  assert.equal(response.headers.get("x-accel-redirect"), undefined);
  assert.ok(response.body.equals(bytes));
});

test("a blob that is gone or cut on disk is 404 and not sent as whole", withNginx, async () => {
  await using all = await startBehindNginx();
  const digest = await all.client.pushBlob(bytes, { repo });
  await truncate(await fileOf(all), 10);
  expectError(await all.client.get(`/v2/${repo}/blobs/${digest}`), 404, "BLOB_UNKNOWN");
});

test("blobs that were stored before the switch can be read by nginx, too", withNginx, async () => {
  await using all = await startBehindNginx();
  const digest = await all.client.pushBlob(bytes, { repo });
  const file = await fileOf(all);
  await chmod(file, 0o600);
  expectStatus(await all.client.get(`/v2/${repo}/blobs/${digest}`), 200);
  assert.equal(((await stat(file)).mode & 0o777).toString(8), "640");
});

test(
  "a file that nginx may not read is an error in words, not an empty or forbidden one",
  withNginx,
  async (t) => {
    if (process.getuid?.() !== 0) return t.skip("needs root, so that nginx is another user");
    await using all = await startBehindNginx();
    const digest = await all.client.pushBlob(bytes, { repo });
    await chmod(all.berth.data, 0o700);
    const response = await all.client.get(`/v2/${repo}/blobs/${digest}`);
    expectError(response, 500, "UNKNOWN");
    assert.match(response.body.toString(), /error log/);
  },
);

async function fileOf({ berth }: BehindNginx): Promise<string> {
  const blobs = join(berth.data, "storage", "blobs");
  const names = await readdir(blobs, { recursive: true, withFileTypes: true });
  const [file] = names.filter((entry) => entry.isFile());
  assert.ok(file);
  return join(file.parentPath, file.name);
}

/** One request as nginx makes it: from its address. */
async function asProxy({ berth }: BehindNginx, path: string): Promise<Response> {
  const outgoing = request(berth.url + path, { localAddress: "127.0.0.2", agent: false });
  outgoing.end();
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  return receive("GET", path, incoming);
}
