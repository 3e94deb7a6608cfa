import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  expectError,
  expectStatus,
  oci,
  type ManifestContent,
  type RegistryClient,
} from "../harness/registry-client.ts";
import { crashingServer } from "./crashing-server.ts";
import { blobIsAbsent, blobIsThere, manifestIsAbsent, manifestIsThere } from "./served.ts";

const put = (client: RegistryClient, content: ManifestContent, reference: string, tags: string[] = []) =>
  client.putManifest("app", reference, content.bytes, content.mediaType, { tags });

async function pushBlobs(client: RegistryClient, content: ManifestContent): Promise<void> {
  for (const { bytes } of content.blobs) await client.pushBlob(bytes, { repo: "app" });
}

async function referrers(client: RegistryClient, subject: string): Promise<string[]> {
  const answer = await client.get(`/v2/app/referrers/${subject}`);
  expectStatus(answer, 200);
  return (JSON.parse(answer.body.toString()) as { manifests: { digest: string }[] }).manifests.map(
    (m) => m.digest,
  );
}

for (const workers of [1, 2]) {
  describe(`kill -9 at each step of a manifest's push and delete, ${workers} worker(s)`, () => {
    const start = () => crashingServer({ workers });

    test("in mid-PUT of the manifest: nothing of it is visible, its blobs are", async () => {
      await using server = await start();
      const image = oci.image();
      await pushBlobs(server.client, image);
      const headers = { "content-type": image.mediaType, "content-length": image.size };
      const { request, response } = server.client.begin("PUT", "/v2/app/manifests/latest", { headers });
      response.catch(() => undefined);
      await new Promise<void>((resolve) =>
        request.write(image.bytes.subarray(0, image.size / 2), () => resolve()),
      );
      await server.crash();
      await manifestIsAbsent(server.client, "app", "latest");
      await manifestIsAbsent(server.client, "app", image.digest);
      for (const blob of image.blobs) await blobIsThere(server.client, "app", blob);
      expectStatus(await put(server.client, image, "latest"), 201);
      await manifestIsThere(server.client, "app", "latest", image);
    });

    test("after the manifest's 201: manifest, tags, blobs and referrers are there", async () => {
      await using server = await start();
      const image = oci.image();
      await server.client.push("app", image, "latest");
      const index = oci.index({ manifests: [image.descriptor], subject: image.descriptor });
      expectStatus(await put(server.client, index, index.digest, ["one", "two"]), 201);
      await server.crash();
      await manifestIsThere(server.client, "app", "latest", image);
      await manifestIsThere(server.client, "app", image.digest, image);
      for (const blob of image.blobs) await blobIsThere(server.client, "app", blob);
      for (const reference of ["one", "two", index.digest]) {
        await manifestIsThere(server.client, "app", reference, index);
      }
      assert.deepEqual(await referrers(server.client, image.digest), [index.digest]);
      const { tags } = JSON.parse((await server.client.get("/v2/app/tags/list")).body.toString()) as {
        tags: string[];
      };
      assert.deepEqual(tags, ["latest", "one", "two"]);
    });

    test("while the answer is awaited: the manifest with all its tags or nothing of it", async () => {
      await using server = await start();
      const known: ManifestContent = oci.image();
      await server.client.push("app", known, "moving");
      let now = known;
      for (let i = 0; i < 6; i++) {
        const next = oci.index({
          manifests: [known.descriptor],
          annotations: { i: String(i) },
          subject: known.descriptor,
        });
        const tags = ["moving", `new-${i}`];
        const answer = put(server.client, next, next.digest, tags).catch(() => undefined);
        // From at once to after the answer; which of them it was, the outcome tells.
        await sleep(i * 3);
        await server.kill();
        const acknowledged = (await answer)?.status === 201;
        await server.start();
        const there = (await server.client.head(`/v2/app/manifests/${next.digest}`)).status === 200;
        if (acknowledged) assert.ok(there, "an acknowledged manifest is gone");
        if (there) now = next;
        await manifestIsThere(server.client, "app", "moving", now);
        if (there) await manifestIsThere(server.client, "app", `new-${i}`, next);
        else await manifestIsAbsent(server.client, "app", `new-${i}`);
        assert.equal((await referrers(server.client, known.digest)).includes(next.digest), there);
        expectStatus(await put(server.client, next, next.digest, tags), 201);
        now = next;
      }
    });

    test("after a tag was moved: it is at its new place", async () => {
      await using server = await start();
      const [old, young] = [oci.image(), oci.image()];
      await server.client.push("app", old, "latest");
      await server.client.push("app", young, "latest");
      await server.crash();
      await manifestIsThere(server.client, "app", "latest", young);
      await manifestIsThere(server.client, "app", old.digest, old);
    });

    test("after a delete's 202: what was deleted stays so, the rest stays", async () => {
      await using server = await start();
      const [first, second, third] = [oci.image(), oci.image(), oci.image()];
      await server.client.push("app", first, "first");
      await server.client.push("app", second, "second");
      await server.client.push("app", third, "third");
      expectStatus(await server.client.remove("/v2/app/manifests/first"), 202);
      await server.crash();
      await manifestIsAbsent(server.client, "app", "first");
      await manifestIsThere(server.client, "app", first.digest, first);
      expectStatus(await server.client.remove(`/v2/app/manifests/${second.digest}`), 202);
      await server.crash();
      await manifestIsAbsent(server.client, "app", "second");
      await manifestIsAbsent(server.client, "app", second.digest);
      const blob = second.blobs[1] ?? assert.fail();
      expectStatus(await server.client.remove(`/v2/app/blobs/${blob.digest}`), 202);
      await server.crash();
      await blobIsAbsent(server.client, "app", blob);
      await manifestIsThere(server.client, "app", "third", third);
      for (const kept of third.blobs) await blobIsThere(server.client, "app", kept);
      expectError(await put(server.client, second, "second"), 404, "MANIFEST_BLOB_UNKNOWN");
      await server.client.push("app", second, "second");
      await manifestIsThere(server.client, "app", "second", second);
    });
  });
}
