import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { oci, registryClient, type Descriptor, type Response } from "../harness/registry-client.ts";
import { everyPage } from "./pages.ts";

function descriptors(response: Response): Descriptor[] {
  return (JSON.parse(response.body.toString()) as { manifests: Descriptor[] }).manifests;
}

test("referrers come in pages when n is small, each one once", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.index();
  const pushed: string[] = [];
  for (let n = 0; n < 7; n++) {
    const referrer = oci.index({ subject: subject.descriptor, annotations: { n: String(n) } });
    await client.push("app", referrer);
    pushed.push(referrer.digest);
  }
  const pages = (await everyPage(client, `/v2/app/referrers/${subject.digest}?n=3`)).map(descriptors);
  assert.deepEqual(
    pages.map((page) => page.length),
    [3, 3, 1],
  );
  assert.deepEqual(
    pages
      .flat()
      .map((descriptor) => descriptor.digest)
      .sort(),
    pushed.sort(),
  );
});

test("more referrers than limits.page_size come in pages without being asked", async () => {
  await using berth = await startBerth({ limits: { page_size: 2 } });
  const client = registryClient(berth.url);
  const subject = oci.index();
  for (let n = 0; n < 5; n++) {
    await client.push("app", oci.index({ subject: subject.descriptor, annotations: { n: String(n) } }));
  }
  const pages = await everyPage(client, `/v2/app/referrers/${subject.digest}`);
  assert.equal(new Set(pages.flatMap(descriptors).map((descriptor) => descriptor.digest)).size, 5);
  for (const page of pages) assert.ok(descriptors(page).length <= 2);
});

test("the artifactType filter holds on every page", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.index();
  for (let n = 0; n < 6; n++) {
    const artifactType = `application/vnd.example.${n % 2 === 0 ? "even+json" : "odd+json"}`;
    await client.push(
      "app",
      oci.index({ subject: subject.descriptor, artifactType, annotations: { n: String(n) } }),
    );
  }
  const query = `artifactType=${encodeURIComponent("application/vnd.example.even+json")}&n=2`;
  const pages = await everyPage(client, `/v2/app/referrers/${subject.digest}?${query}`);
  assert.deepEqual(
    pages.map((page) => descriptors(page).length),
    [2, 1],
  );
  for (const page of pages) {
    assert.equal(page.headers.get("oci-filters-applied"), "artifactType");
    for (const { artifactType } of descriptors(page)) {
      assert.equal(artifactType, "application/vnd.example.even+json");
    }
  }
});

test("more referrers than fit 4 MiB come in pages that each fit", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.index();
  const pushed: string[] = [];
  for (let n = 0; n < 6; n++) {
    const annotations = { n: String(n), large: "x".repeat(1_500_000) };
    const referrer = oci.index({ subject: subject.descriptor, annotations });
    await client.push("app", referrer);
    pushed.push(referrer.digest);
  }
  const pages = await everyPage(client, `/v2/app/referrers/${subject.digest}`);
  assert.ok(pages.length > 1);
  for (const page of pages) assert.ok(page.body.length <= 4 * 1024 * 1024, `${page.body.length} bytes`);
  const found = pages.flatMap(descriptors);
  assert.deepEqual(found.map((descriptor) => descriptor.digest).sort(), pushed.sort());
  for (const { annotations } of found)
    assert.equal((annotations as { large: string }).large.length, 1_500_000);
});

test("one referrer whose annotations alone nearly fill 4 MiB is still listed", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.index();
  const annotations = { large: "x".repeat(4 * 1024 * 1024 - 1_000) };
  const referrer = oci.index({ subject: subject.descriptor, annotations });
  await client.push("app", referrer);
  const pages = await everyPage(client, `/v2/app/referrers/${subject.digest}`);
  assert.deepEqual(
    pages.flatMap(descriptors).map((descriptor) => descriptor.digest),
    [referrer.digest],
  );
});

for (const n of ["-1", "abc"]) {
  test(`referrers with n = ${n} are 400 or n is ignored, never a fault`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    // The specification gives referrers no n; what it means here is Berth's own addition.
    const response = await client.get(`/v2/app/referrers/${oci.index().digest}?n=${n}`);
    assert.ok([200, 400].includes(response.status));
  });
}
