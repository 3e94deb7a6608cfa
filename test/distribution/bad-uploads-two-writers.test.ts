import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventually } from "../crash/eventually.ts";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  receive,
  registryClient,
  withQuery,
  type RegistryClient,
  type Response,
} from "../harness/registry-client.ts";

/** One session takes one writer at a time; the second is told to come again and changes nothing. */
// At once, since a second writer is made to wait before it is told.
describe("two writers on one upload session", { concurrency: true }, () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  /** A session whose first writer has sent the first half and is still there. */
  async function halfWritten(size: number) {
    const bytes = freshBytes(size);
    const session = await client.startUpload("app");
    const first = client.begin("PATCH", session, { headers: { "content-length": size } });
    first.request.write(bytes.subarray(0, size / 2));
    // A PATCH of nothing changes nothing, so it can be asked until the first writer holds the session.
    await eventually("the first writer holds the session", async () => {
      const answer = await client.request("PATCH", session);
      if (answer.status === 202) return false;
      busy(answer);
      return true;
    });
    const rest = async (): Promise<Response> => {
      first.request.end(bytes.subarray(size / 2));
      return receive("PATCH", session, await first.response);
    };
    return { session, bytes, digest: digestOf(bytes), rest };
  }

  function busy(response: Response): void {
    expectError(response, 409, "BLOB_UPLOAD_INVALID");
    assert.match(response.headers.get("retry-after") ?? "", /^[1-9][0-9]*$/);
  }

  for (const size of [1000, 1_000_000]) {
    test(`a second PATCH gets 409 with Retry-After, the first one's ${size} bytes are right`, async () => {
      const { session, bytes, digest, rest } = await halfWritten(size);
      const other = freshBytes(100);
      busy(await client.request("PATCH", session, { body: other }));
      busy(await client.request("PATCH", session, { body: other, headers: { "content-range": "0-99" } }));
      expectStatus(await rest(), 202);
      expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
    });

    test(`a PUT while a PATCH of ${size} bytes runs gets 409 and finishes nothing`, async () => {
      const { session, bytes, digest, rest } = await halfWritten(size);
      const other = freshBytes(100);
      for (const body of [other, new Uint8Array(), freshBytes(300_000)]) {
        busy(await client.request("PUT", withQuery(session, `digest=${digestOf(body)}`), { body }));
      }
      expectError(await client.get(`/v2/app/blobs/${digestOf(other)}`), 404, "BLOB_UNKNOWN");
      expectStatus(await rest(), 202);
      expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
    });
  }

  test("the status can be asked while somebody writes", async () => {
    const { session, rest } = await halfWritten(1000);
    expectStatus(await client.get(session), 204);
    expectStatus(await rest(), 202);
  });

  test("a second writer that waits long enough goes on where the first one ended", async () => {
    const { session, bytes, rest } = await halfWritten(1000);
    const tail = freshBytes(10);
    const second = client.request("PATCH", session, {
      body: tail,
      headers: { "content-range": "1000-1009" },
    });
    expectStatus(await rest(), 202);
    let answer = await second;
    if (answer.status === 409) {
      answer = await client.request("PATCH", session, {
        body: tail,
        headers: { "content-range": "1000-1009" },
      });
    }
    expectStatus(answer, 202);
    const digest = digestOf(Buffer.concat([bytes, tail]));
    expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
  });

  test("the same chunk by ten writers at once is taken once", async () => {
    for (const size of [500, 500_000]) {
      const session = await client.startUpload("app");
      const bytes = freshBytes(size);
      const headers = { "content-range": `0-${size - 1}` };
      const send = () => client.request("PATCH", session, { body: bytes, headers });
      const answers = await Promise.all(Array.from({ length: 10 }, send));
      const taken = answers.filter(({ status }) => status === 202);
      assert.equal(taken.length, 1, answers.map(({ status }) => status).join());
      for (const answer of answers) if (answer.status !== 202) expectStatus(answer, 409, 416);
      const digest = digestOf(bytes);
      expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
    }
  });

  test("ten finishes at once make one blob, and each says what happened", async () => {
    for (const size of [500, 500_000]) {
      const bytes = freshBytes(size);
      const digest = digestOf(bytes);
      const session = await client.startUpload("app");
      const send = () => client.request("PUT", withQuery(session, `digest=${digest}`), { body: bytes });
      const answers = await Promise.all(Array.from({ length: 10 }, send));
      assert.ok(answers.some(({ status }) => status === 201));
      for (const answer of answers) {
        expectStatus(answer, 201, 404, 409);
        if (answer.status !== 201) expectError(answer, answer.status);
      }
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
      expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
    }
  });

  test("a cancel while somebody writes: gone for good, or refused and the writer goes on", async () => {
    const { session, bytes, digest, rest } = await halfWritten(1_000_000);
    const cancel = await client.remove(session);
    expectStatus(cancel, 204, 409);
    if (cancel.status === 409) {
      expectStatus(await rest(), 202);
      expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
    } else {
      expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
      const answer = await rest().catch(() => undefined);
      if (answer !== undefined) expectError(answer, 404, "BLOB_UPLOAD_UNKNOWN");
      expectError(await client.get(session), 404, "BLOB_UPLOAD_UNKNOWN");
      expectError(await client.get(`/v2/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
    }
  });
});
