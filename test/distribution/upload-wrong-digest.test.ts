import assert from "node:assert/strict";
import { Readable } from "node:stream";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  registryClient,
} from "../harness/registry-client.ts";

for (const algorithm of ["sha256", "sha512"] as const) {
  for (const how of ["POST only", "POST then PUT", "chunks", "chunks and the last in the PUT", "stream"]) {
    test(`a wrong ${algorithm} digest after ${how} is 400 and leaves no blob`, async () => {
      await using berth = await startBerth();
      const client = registryClient(berth.url);
      const bytes = freshBytes(3_000);
      const digest = digestOf(bytes, algorithm);
      const other = Buffer.concat([bytes, Buffer.from("more")]);
      const uploads = "/v2/app/web/blobs/uploads/";
      let answer;
      if (how === "POST only") {
        answer = await client.request("POST", `${uploads}?digest=${digest}`, { body: other });
      } else {
        const session = await client.startUpload("app/web");
        const finish = `${session}?digest=${digest}`;
        if (how === "POST then PUT") answer = await client.request("PUT", finish, { body: other });
        else if (how === "stream") {
          expectStatus(await client.request("PATCH", session, { body: Readable.from([other]) }), 202);
          answer = await client.request("PUT", finish);
        } else {
          const last = how === "chunks" ? 3_004 : 2_000;
          for (let start = 0; start < last; start += 1_000) {
            const end = Math.min(start + 1_000, other.length);
            const headers = { "content-range": `${start}-${end - 1}` };
            const body = other.subarray(start, end);
            expectStatus(await client.request("PATCH", session, { headers, body }), 202);
          }
          answer =
            how === "chunks"
              ? await client.request("PUT", finish)
              : await client.request("PUT", finish, {
                  headers: { "content-range": `2000-3003` },
                  body: other.subarray(2_000),
                });
        }
      }
      expectError(answer, 400, "DIGEST_INVALID");
      for (const absent of [digest, digestOf(other, algorithm), digestOf(other)]) {
        expectError(await client.get(`/v2/app/web/blobs/${absent}`), 404, "BLOB_UNKNOWN");
      }
      await client.pushBlob(bytes, { repo: "app/web", algorithm });
      assert.ok((await client.get(`/v2/app/web/blobs/${digest}`)).body.equals(bytes));
    });
  }
}
