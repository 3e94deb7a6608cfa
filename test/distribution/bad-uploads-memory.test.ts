import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { describe, test } from "node:test";
import { residentPeak } from "../crash/resident.ts";
import { spawnBerth } from "../harness/process.ts";
import {
  expectStatus,
  freshBytes,
  receive,
  registryClient,
  withQuery,
  type RegistryClient,
} from "../harness/registry-client.ts";

const MiB = 1024 * 1024;
const linux = process.platform === "linux";

/** Memory doesn't know how large a blob is. 1.5 GiB stand for 20 GB: what grew with size would show. */
describe("20 GB at flat memory", { skip: linux ? false : "reads /proc" }, () => {
  const piece = freshBytes(MiB);

  async function stream(client: RegistryClient, method: string, path: string, pieces: number): Promise<void> {
    const headers = { "content-length": pieces * MiB };
    const { request, response } = client.begin(method, path, { headers, timeout: 300_000 });
    for (let i = 0; i < pieces; i++) if (!request.write(piece)) await once(request, "drain");
    request.end();
    expectStatus(await receive(method, path, await response), method === "PATCH" ? 202 : 201);
  }

  function digestOfPieces(pieces: number): string {
    const hash = createHash("sha256");
    for (let i = 0; i < pieces; i++) hash.update(piece);
    return `sha256:${hash.digest("hex")}`;
  }

  async function pull(client: RegistryClient, path: string): Promise<number> {
    const { request, response } = client.begin("GET", path, { timeout: 300_000 });
    request.end();
    let size = 0;
    for await (const chunk of await response) size += (chunk as Buffer).length;
    return size;
  }

  test("a large blob pushed by PATCH, by PUT, and pulled", { timeout: 300_000 }, async () => {
    await using berth = await spawnBerth({ config: { log: { access: false } } });
    const client = registryClient(berth.url);
    const push = async (how: "PATCH" | "PUT", pieces: number) => {
      const session = await client.startUpload("app");
      const finish = withQuery(session, `digest=${digestOfPieces(pieces)}`);
      if (how === "PUT") return stream(client, "PUT", finish, pieces);
      await stream(client, "PATCH", session, pieces);
      expectStatus(await client.request("PUT", finish, { timeout: 300_000 }), 201);
    };
    // What buffers and compiled code take once is not growth.
    await push("PATCH", 64);
    await push("PUT", 65);
    await pull(client, `/v2/app/blobs/${digestOfPieces(64)}`);
    const before = await residentPeak(berth.pid);
    assert.ok(before > 0);
    const grown = async () => Math.round(((await residentPeak(berth.pid)) - before) / MiB);
    await push("PATCH", 1000);
    assert.ok((await grown()) < 120, `grew by ${await grown()} MiB in a PATCH of 1,000`);
    await push("PUT", 500);
    assert.ok((await grown()) < 120, `grew by ${await grown()} MiB in a PUT of 500`);
    assert.equal(await pull(client, `/v2/app/blobs/${digestOfPieces(1000)}`), 1000 * MiB);
    assert.ok((await grown()) < 120, `grew by ${await grown()} MiB in a GET of 1,000`);
  });

  test("a slow reader of a large blob doesn't make the server read ahead", { timeout: 120_000 }, async () => {
    await using berth = await spawnBerth({ config: { log: { access: false } } });
    const client = registryClient(berth.url);
    const digest = digestOfPieces(256);
    await stream(client, "POST", `/v2/app/blobs/uploads/?digest=${digest}`, 256);
    await pull(client, `/v2/app/blobs/${digest}`);
    const before = await residentPeak(berth.pid);
    const readers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { request, response } = client.begin("GET", `/v2/app/blobs/${digest}`);
        request.end();
        const incoming = await response;
        incoming.once("data", () => incoming.pause());
        await once(incoming, "pause");
        return incoming;
      }),
    );
    // Time for a server that reads ahead to do so; other requests are served meanwhile.
    for (let i = 0; i < 100; i++) expectStatus(await client.head(`/v2/app/blobs/${digest}`), 200);
    for (const incoming of readers) incoming.destroy();
    const grown = Math.round(((await residentPeak(berth.pid)) - before) / MiB);
    assert.ok(grown < 200, `grew by ${grown} MiB for 20 readers`);
  });
});
