import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ociIndex } from "#oci/media-type.ts";
import { digestOf, expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { plainUpstream, upstreamKinds } from "./kinds.ts";

for (const kind of upstreamKinds) {
  describe(kind.name, { skip: kind.needed.skip }, () => {
    test("has what was pushed, also after a restart, and its front counts", async () => {
      await using upstream = await kind.start();
      const { front, account } = upstream;
      const layer = freshBytes(200_000);
      const image = oci.image({ layers: [layer] });
      const index = oci.index({ manifests: [image.descriptor] });
      await upstream.push("team/app", "v1", index, image);
      assert.deepEqual([front.seen.length, front.connections], [0, 0]);

      const authorization =
        account && `Basic ${Buffer.from(`${account.name}:${account.secret}`).toString("base64")}`;
      const client = registryClient(upstream.url);
      const headers = { accept: ociIndex, ...(authorization === undefined ? {} : { authorization }) };
      const get = (path: string) => client.get(path, headers);
      const blob = `/v2/team/app/blobs/${digestOf(layer)}`;
      for (const before of ["cold", "stopped"]) {
        if (before === "stopped") {
          await upstream.stop();
          await assert.rejects(get(blob), /ECONNREFUSED/);
          await upstream.start();
        }
        front.forget();
        expectStatus(await get("/v2/team/app/manifests/v1"), 200);
        const answer = await get(blob);
        expectStatus(answer, 200);
        assert.ok(answer.body.equals(layer));
        assert.equal(front.bytes("blob"), layer.length);
        assert.deepEqual(
          front.seen.map(({ kind, repository, reference, status }) => [kind, repository, reference, status]),
          [
            ["manifest", "team/app", "v1", 200],
            ["blob", "team/app", digestOf(layer), 200],
          ],
        );
        assert.equal(front.seen[0]?.authorization, authorization);
        assert.equal(front.connections, 2);
      }
      if (account !== undefined) expectStatus(await client.get(blob), 401);
    });
  });
}

test("a front holds blobs back after so many bytes", plainUpstream.needed, async () => {
  await using upstream = await plainUpstream.start();
  const layer = freshBytes(3_000_000);
  await upstream.push("app", "v1", oci.image({ layers: [layer] }));
  const release = upstream.front.holdBlobsAfter(1_000_000);
  const { request, response } = registryClient(upstream.url).begin("GET", `/v2/app/blobs/${digestOf(layer)}`);
  request.end();
  let received = 0;
  for await (const chunk of await response) {
    received += (chunk as Buffer).length;
    assert.ok(received <= 1_000_000 || upstream.front.bytes() > 1_000_000);
    if (received === 1_000_000) {
      assert.equal(upstream.front.bytes(), 1_000_000);
      release();
    }
  }
  assert.equal(received, layer.length);
});
