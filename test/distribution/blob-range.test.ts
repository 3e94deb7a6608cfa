import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, freshBytes, registryClient } from "../harness/registry-client.ts";

const size = 2_048;
const bytes = freshBytes(size);

async function ranged(range: string, headers: Record<string, string> = {}, content = bytes) {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(content, { repo: "app/web" });
  return await client.request("GET", `/v2/app/web/blobs/${digest}`, { headers: { range, ...headers } });
}

for (const [what, range, start, end] of [
  ["closed", "bytes=500-1499", 500, 1_499],
  ["open", "bytes=500-", 500, 2_047],
  ["suffix", "bytes=-500", 1_548, 2_047],
  ["past the end", "bytes=2000-5000", 2_000, 2_047],
  ["first byte", "bytes=0-0", 0, 0],
  ["last byte", "bytes=2047-2047", 2_047, 2_047],
  ["from the beginning", "bytes=0-", 0, 2_047],
  ["suffix longer than the blob", "bytes=-5000", 0, 2_047],
  ["end beyond all integers", "bytes=10-99999999999999999999999999", 10, 2_047],
  ["suffix beyond all integers", "bytes=-99999999999999999999999999", 0, 2_047],
  ["unit in upper case", "Bytes=1-2", 1, 2],
] as const) {
  test(`Range ${what} is 206: ${range}`, async () => {
    const response = await ranged(range);
    expectStatus(response, 206);
    assert.equal(response.headers.get("content-range"), `bytes ${start}-${end}/${size}`);
    assert.equal(response.headers.get("content-length"), String(end - start + 1));
    assert.equal(response.headers.get("content-type"), "application/octet-stream");
    assert.ok(response.body.equals(bytes.subarray(start, end + 1)));
  });
}

for (const [what, range] of [
  ["suffix 0", "bytes=-0"],
  ["inverted", "bytes=500-0"],
  ["start ≥ length", "bytes=2048-"],
  ["start and end past the end", "bytes=5000-10000"],
  ["huge integers", "bytes=99999999999999999999999999-"],
] as const) {
  test(`Range ${what} is 416: ${range}`, async () => {
    const response = await ranged(range);
    expectError(response, 416, "UNSUPPORTED");
    assert.equal(response.headers.get("content-range"), `bytes */${size}`);
  });
}

for (const [what, range] of [
  ["several ranges", "bytes=0-1,5-6"],
  ["another unit", "items=0-1"],
  ["no number", "bytes=abc"],
  ["nothing", "bytes="],
  ["only a dash", "bytes=-"],
  ["negative", "bytes=--5"],
  ["a fraction", "bytes=0.5-2"],
] as const) {
  test(`Range ${what} is ignored, the whole blob is sent: ${range}`, async () => {
    const response = await ranged(range);
    expectStatus(response, 200);
    assert.equal(response.headers.get("content-range"), undefined);
    assert.equal(response.headers.get("content-length"), String(size));
    assert.ok(response.body.equals(bytes));
  });
}

test("many thousand ranges are answered as one whole blob", async () => {
  const many = Array.from({ length: 1_500 }, (_, i) => `${i}-`).join(",");
  const response = await ranged(`bytes=${many}`);
  expectStatus(response, 200);
  assert.ok(response.body.equals(bytes));
});

test("any range of a blob of no bytes is 416", async () => {
  const response = await ranged("bytes=0-0", {}, Buffer.alloc(0));
  expectError(response, 416, "UNSUPPORTED");
  assert.equal(response.headers.get("content-range"), "bytes */0");
});

test("HEAD ignores Range and says that ranges work", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const digest = await client.pushBlob(bytes, { repo: "app/web" });
  const response = await client.head(`/v2/app/web/blobs/${digest}`, { range: "bytes=0-9" });
  expectStatus(response, 200);
  assert.equal(response.headers.get("content-length"), String(size));
  assert.equal(response.headers.get("accept-ranges"), "bytes");
});

test("a large blob is put together again from its ranges", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const large = freshBytes(5_000_001);
  const digest = await client.pushBlob(large, { repo: "app/web", algorithm: "sha512" });
  const parts: Buffer[] = [];
  for (let start = 0; start < large.length; start += 1_234_567) {
    const range = `bytes=${start}-${start + 1_234_566}`;
    const part = await client.get(`/v2/app/web/blobs/${digest}`, { range });
    expectStatus(part, 206);
    assert.equal(part.headers.get("docker-content-digest"), digest);
    parts.push(part.body);
  }
  assert.ok(Buffer.concat(parts).equals(large));
});
