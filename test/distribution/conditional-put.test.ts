import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, oci, registryClient } from "../harness/registry-client.ts";

async function digestOfTag(client: ReturnType<typeof registryClient>): Promise<string | undefined> {
  return (await client.head("/v2/app/manifests/list")).headers.get("docker-content-digest");
}

test("a PUT whose If-Match names what the tag points to moves the tag", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const [first, second] = [oci.index({ annotations: { n: "1" } }), oci.index({ annotations: { n: "2" } })];
  await client.push("app", first, "list");
  const etag = (await client.get("/v2/app/manifests/list")).headers.get("etag") ?? "";
  const headers = { "if-match": etag };
  expectStatus(await client.putManifest("app", "list", second.bytes, second.mediaType, { headers }), 201);
  assert.equal(await digestOfTag(client), second.digest);
});

test("a PUT whose If-Match no longer holds is 412 and writes nothing", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const [first, second] = [oci.index({ annotations: { n: "1" } }), oci.index({ annotations: { n: "2" } })];
  await client.push("app", first, "list");
  const headers = { "if-match": `"${second.digest}"` };
  expectError(await client.putManifest("app", "list", second.bytes, second.mediaType, { headers }), 412);
  assert.equal(await digestOfTag(client), first.digest);
  expectError(await client.get(`/v2/app/manifests/${second.digest}`), 404, "MANIFEST_UNKNOWN");
});

test("a PUT with If-Match on a tag that isn't there is 412", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const index = oci.index();
  for (const condition of ["*", `"${index.digest}"`]) {
    const headers = { "if-match": condition };
    expectError(await client.putManifest("app", "list", index.bytes, index.mediaType, { headers }), 412);
  }
  assert.equal(await digestOfTag(client), undefined);
});

test("a PUT with If-None-Match: * makes a new tag and never moves one", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const [first, second] = [oci.index({ annotations: { n: "1" } }), oci.index({ annotations: { n: "2" } })];
  const headers = { "if-none-match": "*" };
  expectStatus(await client.putManifest("app", "list", first.bytes, first.mediaType, { headers }), 201);
  expectError(await client.putManifest("app", "list", second.bytes, second.mediaType, { headers }), 412);
  assert.equal(await digestOfTag(client), first.digest);
});

test("of many PUTs with If-None-Match: * at once one wins", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const headers = { "if-none-match": "*" };
  const answers = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const index = oci.index({ annotations: { n: String(n) } });
      const put = await client.putManifest("app", "list", index.bytes, index.mediaType, { headers });
      return { status: put.status, digest: index.digest };
    }),
  );
  const won = answers.filter(({ status }) => status === 201);
  assert.equal(won.length, 1);
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201, 412]));
  assert.equal(await digestOfTag(client), won[0]?.digest);
});

test("writers that retry on 412 lose no entry of a list that they share", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const empty = oci.index();
  await client.push("app", empty, "list");
  const add = async (n: number) => {
    for (let attempt = 0; attempt < 50; attempt++) {
      const current = await client.get("/v2/app/manifests/list");
      const annotations =
        (JSON.parse(current.body.toString()) as { annotations?: Record<string, string> }).annotations ?? {};
      const next = oci.index({ annotations: { ...annotations, [`writer-${n}`]: "was here" } });
      const headers = { "if-match": current.headers.get("etag") ?? "" };
      const put = await client.putManifest("app", "list", next.bytes, next.mediaType, { headers });
      if (put.status === 201) return;
      expectStatus(put, 412);
    }
    assert.fail(`writer ${n} never got through`);
  };
  await Promise.all([1, 2, 3, 4].map(add));
  const list = JSON.parse((await client.get("/v2/app/manifests/list")).body.toString()) as {
    annotations: Record<string, string>;
  };
  assert.equal(Object.keys(list.annotations).length, 4);
});

test("a condition that can't hold or isn't understood is refused, never ignored", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const [first, second] = [oci.index({ annotations: { n: "1" } }), oci.index({ annotations: { n: "2" } })];
  await client.push("app", first, "list");
  const tag = `"${first.digest}"`;
  for (const headers of [
    { "if-match": `W/${tag}` },
    { "if-match": "nonsense" },
    { "if-none-match": tag },
    { "if-none-match": `"other", ${tag}` },
  ]) {
    const put = await client.putManifest("app", "list", second.bytes, second.mediaType, { headers });
    expectStatus(put, 400, 412);
    expectError(put, put.status);
  }
  assert.equal(await digestOfTag(client), first.digest);
});
