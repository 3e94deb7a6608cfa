import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import {
  createServer,
  request,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { checkBucket } from "#adapters/s3/check-bucket.ts";
import type { S3StoreParts } from "#adapters/s3/s3-store.ts";
import { makeAuthority } from "../../harness/certificates.ts";
import { needs } from "../../clients/needs.ts";
import { bucketContent } from "../../s3/bucket-content.ts";
import { startRgw, withRgw, type Rgw } from "../../s3/rgw.ts";
import { partsFor } from "./s3-bucket.ts";

describe("what is wrong with a bucket is told in full, and what to do", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());

  const check = (bucket: string, more: Partial<S3StoreParts> = {}) =>
    checkBucket({ ...partsFor(rgw, bucket), ...more });

  async function one(words: RegExp, bucket: string, more: Partial<S3StoreParts> = {}) {
    const found = await check(bucket, more);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0] ?? "", words);
    assert.doesNotMatch(found.join(), /Signature=|AWS4|StringToSign/);
    assert.ok(!found.join().includes(rgw.secretAccessKey));
  }

  async function deny(bucket: string, actions: readonly string[]): Promise<void> {
    const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
    const Action = actions.map((action) => `s3:${action}`);
    const Statement = [{ Effect: "Deny", Principal: "*", Action, Resource }];
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
    await rgw.client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  }

  test("a bucket that can be used: nothing, and nothing is left in it", async () => {
    const bucket = await rgw.bucket();
    for (const marker of ["tag", "object"] as const) assert.deepEqual(await check(bucket, { marker }), []);
    const { keys, multiparts } = await bucketContent(rgw.client, bucket);
    assert.deepEqual([keys, multiparts], [[], []]);
  });

  for (const [action, resource] of [
    ["PutObject", "/registry/*"],
    ["GetObject", "/registry/*"],
    ["DeleteObject", "/registry/*"],
    ["AbortMultipartUpload", "/registry/*"],
    ["ListMultipartUploadParts", "/registry/*"],
    ["PutObjectTagging", "/registry/*"],
    ["ListBucket", ""],
    ["ListBucketMultipartUploads", ""],
  ] as const)
    test(`no right to s3:${action}`, async () => {
      const bucket = await rgw.bucket();
      await deny(bucket, [action]);
      const more = action === "PutObjectTagging" ? " (or set storage.s3.digest_marker: object)" : "";
      assert.deepEqual(await check(bucket), [
        `the key may not do all that is needed: grant s3:${action} on arn:aws:s3:::${bucket}${resource}${more}`,
      ]);
      const { keys, multiparts } = await bucketContent(rgw.client, bucket).catch(() => ({
        keys: [],
        multiparts: [],
      }));
      assert.deepEqual([keys.length, multiparts], [action === "DeleteObject" ? 1 : 0, []]);
      if (action === "PutObjectTagging") assert.deepEqual(await check(bucket, { marker: "object" }), []);
    });

  test("several rights that are missing are told together", async () => {
    const bucket = await rgw.bucket();
    await deny(bucket, ["PutObject", "AbortMultipartUpload", "ListBucketMultipartUploads"]);
    await one(
      new RegExp(
        `grant s3:PutObject, s3:AbortMultipartUpload on arn:aws:s3:::${bucket}/registry/\\*, ` +
          `and s3:ListBucketMultipartUploads on arn:aws:s3:::${bucket}$`,
      ),
      bucket,
    );
  });

  test("a key that may do nothing at all", async () => {
    const bucket = await rgw.bucket();
    await deny(bucket, ["*"]);
    await one(/grant s3:PutObject.*; nothing at all is allowed: is it the right bucket, and key\?$/, bucket);
  });

  test("no such bucket", () =>
    one(/^there is no such bucket at http:.*: make it, or correct storage\.s3\.bucket/, "nowhere"));

  test("a wrong secret and a wrong key id are told apart", async () => {
    const bucket = await rgw.bucket();
    const wrong = `${rgw.secretFile}-wrong`;
    await writeFile(wrong, "wrong");
    await one(
      /^the secret doesn't belong to the access key id: check storage\.s3\.secret_access_key_file/,
      bucket,
      {
        keyFiles: { id: rgw.idFile, secret: wrong },
      },
    );
    await one(/^the access key id is not known there: check storage\.s3\.access_key_id_file/, bucket, {
      keyFiles: { id: wrong, secret: rgw.secretFile },
    });
    await one(/access_key_id_file: \/nowhere\/id can't be read \(ENOENT\)/, bucket, {
      keyFiles: { id: "/nowhere/id", secret: rgw.secretFile },
    });
  });

  test("nobody at the endpoint, no such host, no TLS there", async () => {
    await one(
      /^no answer from http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\): check storage\.s3\.endpoint/,
      "any",
      {
        endpoint: "http://127.0.0.1:1",
      },
    );
    await one(/^the host of http:\/\/no\.invalid isn't known here/, "any", { endpoint: "http://no.invalid" });
    const tls = rgw.endpoint.replace("http:", "https:");
    await one(/speaks no TLS .*: write it with http:/, "any", { endpoint: tls });
  });

  test("a certificate that nobody trusts, or for another name", needs("openssl"), async () => {
    using authority = makeAuthority();
    const { cert, keyText } = authority.issue("s3");
    await using server = await listening(createTlsServer({ cert, key: keyText }));
    const endpoint = `https://127.0.0.1:${server.port}`;
    await one(/^the certificate of https:.* is not trusted \(.*NODE_EXTRA_CA_CERTS/, "any", { endpoint });
  });

  test("a web server in the place of an S3 server", async () => {
    for (const status of [200, 404, 405]) {
      await using server = await answering((_request, response) => {
        response.writeHead(status, { "content-type": "text/html" }).end("<!doctype html><p>Hello");
      });
      await one(/doesn't seem to be an S3 server/, "any", { endpoint: `http://127.0.0.1:${server.port}` });
    }
  });

  // What Amazon's servers answer; Ceph takes any region.
  for (const [how, status, headers, more] of [
    [
      "a redirect",
      301,
      { "x-amz-bucket-region": "eu-west-1" },
      "<Code>PermanentRedirect</Code><Endpoint>x</Endpoint>",
    ],
    ["a refused signature", 400, {}, "<Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>"],
  ] as const)
    test(`the region that the server tells is told: ${how}`, async () => {
      await using server = await answering((_request, response) => {
        response
          .writeHead(status, { "content-type": "application/xml", ...headers })
          .end(`<?xml version="1.0"?><Error>${more}<Message>no</Message></Error>`);
      });
      await one(/^the bucket lies in the region eu-west-1: set storage\.s3\.region: eu-west-1$/, "any", {
        endpoint: `http://127.0.0.1:${server.port}`,
        region: "us-east-1",
      });
    });

  for (const [code, status, more, words] of [
    [
      "AccessDenied",
      403,
      { sse: "kms" },
      /^the key of its key service may not be used: grant kms:GenerateDataKey/,
    ],
    ["KMS.NotFoundException", 400, { sse: "kms" }, /check storage\.s3\.sse_kms_key_id$/],
    [
      "InvalidStorageClass",
      400,
      { storageClass: "COLD" },
      /no storage class COLD: correct storage\.s3\.storage_class/,
    ],
    [
      "NotImplemented",
      501,
      { sse: "s3" },
      /try storage\.s3\.checksums: when_required, or storage\.s3\.sse: none$/,
    ],
    [
      "ExpiredToken",
      400,
      {},
      /^the credentials have expired or are not valid \(ExpiredToken\): get new ones$/,
    ],
    ["RequestTimeTooSkewed", 403, {}, /^this machine's clock and the server's differ too much/],
  ] as const)
    test(`what Amazon's servers say of other keys: ${code}`, async () => {
      await using server = await answering((_request, response) => {
        response
          .writeHead(status, { "content-type": "application/xml" })
          .end(`<Error><Code>${code}</Code><Message>no (Service: AWSKMS)</Message></Error>`);
      });
      const endpoint = `http://127.0.0.1:${server.port}`;
      const [first = ""] = await check("any", { endpoint, ...more });
      assert.match(first, words);
    });

  test("a server without tags", async () => {
    const bucket = await rgw.bucket();
    await using server = await answering((asked, response) => {
      if (asked.method === "PUT" && asked.url?.includes("tagging") === true) {
        const body = "<Error><Code>NotImplemented</Code><Message>no</Message></Error>";
        response.writeHead(501, { "content-type": "application/xml" }).end(body);
      } else void forward(asked, response, rgw.endpoint);
    });
    await one(/^the server has no tags \(NotImplemented\): set storage\.s3\.digest_marker: object$/, bucket, {
      endpoint: `http://127.0.0.1:${server.port}`,
    });
  });

  test("a server that is silent, and one that is slow", async () => {
    await using silent = await answering(() => undefined);
    await one(/^no answer from http.* \(TimeoutError\)/, "any", {
      endpoint: `http://127.0.0.1:${silent.port}`,
    });
    const found = await checkBucket(partsFor(rgw, await rgw.bucket()), AbortSignal.abort());
    assert.deepEqual(found, ["its answers take too long: not everything could be tried"]);
  });
});

/** Passes a request on; signatures hold where the host's name isn't compared. */
async function forward(from: IncomingMessage, to: ServerResponse, target: string): Promise<void> {
  const { hostname, port } = new URL(target);
  const onward = request({
    hostname,
    port,
    method: from.method,
    path: from.url,
    headers: from.headers,
    agent: false,
  });
  from.pipe(onward);
  const [answer] = (await once(onward, "response")) as [IncomingMessage];
  to.writeHead(answer.statusCode ?? 500, answer.headers);
  answer.pipe(to);
}

interface Listening extends AsyncDisposable {
  port: number;
}

const answering = (answer: RequestListener) => listening(createServer(answer));

async function listening(server: ReturnType<typeof createServer>): Promise<Listening> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
