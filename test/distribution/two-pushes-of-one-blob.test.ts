import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { digestOf, expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { blobFiles } from "./blob-files.ts";

test("many pushes of one blob at once, into one and several repositories, all succeed", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes(400_000);
  const hows = ["post-put", "post", "patch", "chunked"] as const;
  await Promise.all(
    Array.from({ length: 16 }, (_, i) =>
      client.pushBlob(bytes, { repo: `app/r${i % 4}`, how: hows[i % hows.length] ?? "post" }),
    ),
  );
  const digest = digestOf(bytes);
  for (let i = 0; i < 4; i++) {
    const get = await client.get(`/v2/app/r${i}/blobs/${digest}`);
    expectStatus(get, 200);
    assert.ok(get.body.equals(bytes));
  }
  // One copy of the bytes is enough.
  assert.equal((await blobFiles(berth.data, digest)).length, 1);
});

test("many pushes of different manifests to one tag at once leave one of them whole", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const contents = Array.from({ length: 10 }, (_, n) => oci.index({ annotations: { n: String(n) } }));
  await Promise.all(contents.map((content) => client.push("app", content, "latest")));
  const latest = await client.get("/v2/app/manifests/latest");
  const winner = contents.find(({ digest }) => digest === latest.headers.get("docker-content-digest"));
  assert.ok(winner && latest.body.equals(winner.bytes));
  for (const content of contents) {
    assert.ok((await client.get(`/v2/app/manifests/${content.digest}`)).body.equals(content.bytes));
  }
});

test("pushes and deletes of one blob at once end in a state that holds together", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const bytes = freshBytes(1_000);
  const path = `/v2/app/blobs/${digestOf(bytes)}`;
  await client.pushBlob(bytes, { repo: "app" });
  for (let round = 0; round < 10; round++) {
    const [, removed] = await Promise.all([
      client.pushBlob(bytes, { repo: "app", how: "post" }),
      client.remove(path),
    ]);
    expectStatus(removed, 202, 404);
    const [get, head] = [await client.get(path), await client.head(path)];
    expectStatus(get, 200, 404);
    assert.equal(head.status, get.status);
    if (get.status === 200) assert.ok(get.body.equals(bytes));
  }
  await client.pushBlob(bytes, { repo: "app" });
  assert.ok((await client.get(path)).body.equals(bytes));
});
