import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { blobIsAbsent, blobIsThere, manifestIsAbsent, manifestIsThere, offsetOf } from "../crash/served.ts";
import { eventually } from "../crash/eventually.ts";
import { needsPostgres } from "../harness/postgres.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  oci,
  withQuery,
  type Content,
  type RegistryClient,
} from "../harness/registry-client.ts";
import { uploadedParts } from "./bucket-content.ts";
import { withRgw } from "./rgw.ts";
import { startServers, type Server, type Servers } from "./servers.ts";

const MiB = 1024 * 1024;
const repo = "team/app";

function content(size: number): Content {
  const bytes = freshBytes(size);
  return { bytes, digest: digestOf(bytes) };
}

describe(
  "three servers on one database and one bucket",
  { skip: withRgw.skip || needsPostgres().skip },
  () => {
    let servers: Servers;
    before(async () => {
      servers = await startServers(3);
    });
    after(() => servers[Symbol.asyncDispose]());

    const patch = (client: RegistryClient, session: string, bytes: Uint8Array, start: number) =>
      client.request("PATCH", session, {
        body: bytes,
        headers: { "content-range": `${start}-${start + bytes.length - 1}` },
      });

    for (const [what, chunk, total, last] of [
      ["odd chunks below a part's size", 1_234_567, 14_000_001, 0],
      ["odd chunks below a part's size, the last one with the PUT", 3 * MiB + 1, 11 * MiB + 3, 700_003],
      ["chunks of exactly a part", 5 * MiB, 15 * MiB, 0],
      ["chunks above a part's size", 7 * MiB + 13, 22 * MiB + 5, 0],
      ["chunks above a part's size, a part and more with the PUT", 6 * MiB + 1, 25 * MiB + 7, 9 * MiB],
      ["a few bytes, and the rest with the PUT", 10, 6 * MiB, 6 * MiB - 20],
    ] as const)
      test(`each request of one upload goes to another server: ${what}`, async () => {
        const blob = content(total);
        let turn = 0;
        const next = () => servers.at(turn++);
        const session = await next().startUpload(repo);
        for (let start = 0; start < total - last; start += chunk) {
          const end = Math.min(start + chunk, total - last);
          const answer = await patch(next(), session, blob.bytes.subarray(start, end), start);
          expectStatus(answer, 202);
          assert.equal(answer.headers.get("range"), `0-${end - 1}`);
          assert.equal(await offsetOf(next(), session), end);
        }
        const body = blob.bytes.subarray(total - last);
        expectStatus(await next().request("PUT", withQuery(session, `digest=${blob.digest}`), { body }), 201);
        for (const { client } of servers.all) await blobIsThere(client, repo, blob);
        const tidy = await servers.content();
        assert.deepEqual([tidy.keys, tidy.multiparts], [tidy.blobs, []]);
      });

    test("tags and manifests are at once the same everywhere", async () => {
      const name = "team/tags";
      const [one, other] = [oci.image(), oci.image()];
      await servers.at(0).push(name, one, "v1");
      for (const { client } of servers.all) {
        await manifestIsThere(client, name, "v1", one);
        await manifestIsThere(client, name, one.digest, one);
        const { body } = await client.get(`/v2/${name}/tags/list`);
        assert.deepEqual((JSON.parse(body.toString()) as { tags: string[] }).tags, ["v1"]);
      }
      for (const [n, image] of [other, one, other].entries()) {
        await servers.at(n).push(name, image, "v1");
        for (const { client } of servers.all) await manifestIsThere(client, name, "v1", image);
      }
      expectStatus(await servers.at(1).remove(`/v2/${name}/manifests/v1`), 202);
      for (const { client } of servers.all) await manifestIsAbsent(client, name, "v1");
      expectStatus(await servers.at(2).remove(`/v2/${name}/manifests/${other.digest}`), 202);
      for (const { client } of servers.all) {
        await manifestIsAbsent(client, name, other.digest);
        await manifestIsThere(client, name, one.digest, one);
      }
      const [layer] = other.blobs;
      assert.ok(layer);
      expectStatus(await servers.at(0).remove(`/v2/${name}/blobs/${layer.digest}`), 202);
      for (const { client } of servers.all) await blobIsAbsent(client, name, layer);
    });

    test("a blob that one server has is mounted at another", async () => {
      const blob = content(1000);
      await servers.at(0).pushBlob(blob.bytes, { repo });
      const path = `/v2/team/other/blobs/uploads/?mount=${blob.digest}&from=${repo}`;
      expectStatus(await servers.at(1).request("POST", path), 201);
      await blobIsThere(servers.at(2), "team/other", blob);
    });

    test("two servers get the same chunk of one upload at once: one takes it, never a mix", async () => {
      for (const size of [100_000, 6 * MiB]) {
        const contents = [content(size), content(size), content(size)] as const;
        const session = await servers.at(0).startUpload(repo);
        const answers = await Promise.all(
          contents.map(async ({ bytes }, n) => patch(servers.at(n), session, bytes, 0)),
        );
        const taken = answers.findIndex(({ status }) => status === 202);
        for (const [n, answer] of answers.entries())
          if (n !== taken) expectError(answer, answer.status === 409 ? 409 : 416, "BLOB_UPLOAD_INVALID");
        const blob = contents[taken];
        assert.ok(blob, "one was taken");
        assert.equal(await offsetOf(servers.at(taken + 1), session), size);
        const finish = withQuery(session, `digest=${blob.digest}`);
        expectStatus(await servers.at(taken + 2).request("PUT", finish), 201);
        await blobIsThere(servers.at(taken), repo, blob);
      }
    });

    test("while one server receives a chunk, another one refuses to go on or to finish", async () => {
      const blob = content(8 * MiB);
      const session = await servers.at(0).startUpload(repo);
      const { request, response } = servers.at(0).begin("PATCH", session, {
        headers: { "content-length": blob.bytes.length },
      });
      request.write(blob.bytes.subarray(0, 6 * MiB));
      await eventually("a part is in the bucket", async () => (await parts()) > 0);
      const [chunk, last] = await Promise.all([
        patch(servers.at(1), session, freshBytes(6 * MiB), 0),
        servers.at(2).request("PUT", withQuery(session, `digest=${blob.digest}`), { body: blob.bytes }),
      ]);
      for (const answer of [chunk, last]) {
        expectError(answer, 409, "BLOB_UPLOAD_INVALID");
        assert.equal(answer.headers.get("retry-after"), "1");
      }
      request.end(blob.bytes.subarray(6 * MiB));
      assert.equal((await response).statusCode, 202);
      expectStatus(await servers.at(1).request("PUT", withQuery(session, `digest=${blob.digest}`)), 201);
      await blobIsThere(servers.at(2), repo, blob);
    });

    test("three servers finish one upload at once: it is finished once", async () => {
      const blob = content(7 * MiB);
      const session = await servers.at(0).startUpload(repo);
      expectStatus(await patch(servers.at(1), session, blob.bytes, 0), 202);
      const finish = withQuery(session, `digest=${blob.digest}`);
      const answers = await Promise.all(servers.all.map(({ client }) => client.request("PUT", finish)));
      const statuses = answers.map(({ status }) => status).sort();
      assert.equal(statuses[0], 201);
      for (const answer of answers)
        if (answer.status !== 201) expectError(answer, answer.status === 409 ? 409 : 404);
      assert.equal(answers.filter(({ status }) => status === 201).length, 1);
      for (const { client } of servers.all) await blobIsThere(client, repo, blob);
    });

    test("a server is killed amid a PATCH: the client finishes at another one, and nothing else stays", async () => {
      const before = await servers.content();
      const blob = content(20 * MiB + 11);
      const first = 6 * MiB + 5;
      // Not the one that purges, which the others would miss for a while.
      const purges = ({ process }: Server) => process.logs().includes("this server has the lease");
      const victim = servers.all.find((server) => !purges(server)) ?? servers.all[2];
      assert.ok(victim);
      // One is gone on with from its checkpoint, one from its first byte, one is left alone.
      const [resumed, begun, left] = await Promise.all([0, 1, 2].map((n) => servers.at(n).startUpload(repo)));
      assert.ok(resumed !== undefined && begun !== undefined && left !== undefined);
      expectStatus(await patch(servers.at(0), resumed, blob.bytes.subarray(0, first), 0), 202);
      for (const [session, start] of [
        [resumed, first],
        [begun, 0],
        [left, 0],
      ] as const) {
        const { request, response } = victim.client.begin("PATCH", session, {
          headers: { "content-length": blob.bytes.length - start },
        });
        request.on("error", () => undefined);
        response.catch(() => undefined);
        request.write(blob.bytes.subarray(start, 19 * MiB));
      }
      await eventually("parts of all three are in the bucket", async () => (await parts()) >= 1 + 2 + 2 + 2);
      await servers.end(victim, "SIGKILL");

      for (const [session, start] of [
        [resumed, first],
        [begun, 0],
      ] as const) {
        assert.equal(await offsetOf(servers.at(0), session), start);
        // Whether the dead one only is slow is known when its claim runs out.
        await eventually("another server takes the upload over", async () => {
          const answer = await patch(servers.at(1), session, blob.bytes.subarray(start, 19 * MiB), start);
          expectStatus(answer, 202, 409);
          return answer.status === 202;
        });
        const rest = { body: blob.bytes.subarray(19 * MiB) };
        const finish = withQuery(session, `digest=${blob.digest}`);
        expectStatus(await servers.at(0).request("PUT", finish, rest), 201);
        for (const { client } of servers.all) await blobIsThere(client, repo, blob);
      }
      for (const server of [...servers.all]) await servers.end(server, "SIGTERM");
      await servers.add({ uploads: { expire_after: "1s", purge_interval: "1s" } });
      const purged = async () => {
        const { keys, blobs, multiparts } = await servers.content();
        return keys.length === blobs.length && multiparts.length === 0;
      };
      await eventually("what was left is purged", purged, 60_000);
      assert.equal((await servers.content()).blobs.length, before.blobs.length + 1);
      assert.equal(await offsetOf(servers.at(0), left), undefined);
    });

    function parts(): Promise<number> {
      return uploadedParts(servers.rgw.client, servers.bucket);
    }
  },
);
