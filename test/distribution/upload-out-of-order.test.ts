import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
} from "../harness/registry-client.ts";

const size = 3_000;
const chunk = 1_000;

async function begin(url: string, received: number) {
  const client = registryClient(url);
  const bytes = freshBytes(size);
  const session = await client.startUpload("app/web");
  const send = (method: string, path: string, start: number) =>
    client.request(method, path, {
      headers: { "content-range": `${start}-${start + chunk - 1}` },
      body: bytes.subarray(start, start + chunk),
    });
  for (let start = 0; start < received; start += chunk) {
    expectStatus(await send("PATCH", session, start), 202);
  }
  return { client, bytes, session, send, finish: `${session}?digest=${digestOf(bytes)}` };
}

for (const [what, received, start] of [
  ["that leaves a gap at the beginning", 0, 1_000],
  ["that leaves a gap later", 1_000, 2_000],
  ["that was sent before", 2_000, 0],
] as const) {
  for (const method of ["PATCH", "PUT"] as const) {
    test(`a ${method} with a chunk ${what} is 416 and the session lives on`, async () => {
      await using berth = await startBerth();
      const { client, bytes, session, send, finish } = await begin(berth.url, received);

      const refused = await send(method, method === "PUT" ? finish : session, start);
      expectError(refused, 416, "BLOB_UPLOAD_INVALID");

      // A client that recovers asks with the address that it used last, its query included.
      const status = await client.get(method === "PUT" ? finish : session);
      expectStatus(status, 204);
      // There is no spelling for "nothing yet"; the field has always shown 0-0 then.
      assert.equal(status.headers.get("range"), `0-${Math.max(0, received - 1)}`);

      for (let next = received; next < size - chunk; next += chunk) {
        expectStatus(await send("PATCH", client.pathOf(status).replace(/\?.*/, ""), next), 202);
      }
      const put = await send("PUT", finish, size - chunk);
      expectStatus(put, 201);
      assert.ok((await client.get(client.pathOf(put))).body.equals(bytes));
    });
  }
}

test("Content-Range in the bytes= spelling of RFC 9110 or plain nonsense is refused", async () => {
  await using berth = await startBerth();
  const { client, session, bytes, finish } = await begin(berth.url, 0);
  for (const range of ["nonsense", "5", "-", "0-", "9-0"]) {
    const refused = await client.request("PATCH", session, {
      headers: { "content-range": range },
      body: bytes.subarray(0, 10),
    });
    expectStatus(refused, 400, 416);
    expectError(refused, refused.status, "BLOB_UPLOAD_INVALID");
  }
  expectStatus(await client.request("PUT", finish, { body: bytes }), 201);
});
