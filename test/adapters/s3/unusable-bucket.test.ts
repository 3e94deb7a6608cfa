import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { AppError } from "#core/errors.ts";
import { startRgw, withRgw, type Rgw } from "../../s3/rgw.ts";
import { storeIn } from "./s3-bucket.ts";

const impatient = { attempts: 2, pause: 5, longestPause: 10, deadline: 3_000, slowest: 1024 * 1024 };

describe("a bucket that can't be used is told at the start, and what to do", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());

  async function refused(more: Parameters<typeof storeIn>[1], words: RegExp): Promise<void> {
    await assert.rejects(storeIn(rgw, { patience: impatient, ...more }), (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, "unavailable");
      assert.match(error.message, words);
      // Nothing of the SDK's error, which may hold keys, canonical requests and signatures.
      assert.doesNotMatch(
        JSON.stringify([error.message, error.cause, { ...(error.cause as object) }]),
        /Signature=|AWS4|StringToSign/,
      );
      assert.ok(!JSON.stringify(error).includes(rgw.secretAccessKey));
      return true;
    });
  }

  test("no such bucket", () =>
    refused(
      { bucket: "nowhere" },
      /bucket nowhere: PutObject failed.*make it, or correct storage\.s3\.bucket/,
    ));

  test("a wrong secret", async () => {
    const secret = `${rgw.secretFile}-wrong`;
    await writeFile(secret, "wrong");
    await refused(
      { keyFiles: { id: rgw.idFile, secret } },
      /the access key is unknown, expired, or its secret is wrong/,
    );
  });

  test("an unknown key", async () => {
    const id = `${rgw.idFile}-unknown`;
    await writeFile(id, "unknown");
    await refused({ keyFiles: { id, secret: rgw.secretFile } }, /check the key files or the role/);
  });

  test("a missing key file", () =>
    refused(
      { keyFiles: { id: "/nowhere/id", secret: rgw.secretFile } },
      /access_key_id_file: \/nowhere\/id can't be read \(ENOENT\)/,
    ));

  test("nobody at the endpoint", () =>
    refused({ endpoint: "http://127.0.0.1:1", bucket: "any" }, /check storage\.s3\.endpoint/));
});
