import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, freshBytes, registryClient } from "../harness/registry-client.ts";
import type { SeenRequest } from "./fault-proxy.ts";
import { startRecordingServer } from "./recording-server.ts";

const MiB = 1024 * 1024;
const repo = "team/app";

/** What S3 takes these headers with; with any other request it refuses some of them. */
const kinds: [kind: string, line: RegExp][] = [
  ["a blob", /^PUT \/registry\/b\/blobs\/[^?]*\?x-id=PutObject$/],
  ["a checkpoint", /^PUT \/registry\/b\/uploads\//],
  ["a marker", /^PUT \/registry\/b\/digests\//],
  ["a check", /^PUT \/registry\/b\/check\/[^?]*\?x-id=PutObject$/],
  ["begun in parts", /^POST \/registry\/b\/(?:blobs|check)\/[^?]*\?uploads=/],
  ["anything else", /./],
];

describe("encryption and storage class are asked for where S3 takes them, and nowhere else", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "berth-sse-"));
    for (const name of ["id", "secret"]) await writeFile(join(folder, name), name);
  });
  after(() => rm(folder, { recursive: true }));

  /** All requests of a start, of pushes in several ways and of pulls. */
  async function requestsWith(settings: Record<string, string>): Promise<Map<string, SeenRequest[]>> {
    await using server = await startRecordingServer();
    const s3 = {
      bucket: "registry",
      endpoint: server.url,
      prefix: "b",
      access_key_id_file: join(folder, "id"),
      secret_access_key_file: join(folder, "secret"),
      part_size: "5MiB",
      redirect: { enabled: false },
      ...settings,
    };
    await using berth = await startBerth({}, `storage: ${JSON.stringify({ s3 })}`);
    const client = registryClient(berth.url);
    for (const [size, how] of [
      [1000, "post"],
      [200_000, "chunked"],
      [6 * MiB, "patch"],
      [6 * MiB, "post-put"],
    ] as const) {
      const digest = await client.pushBlob(freshBytes(size), { repo, how });
      expectStatus(await client.get(`/v2/${repo}/blobs/${digest}`), 200);
      expectStatus(await client.head(`/v2/${repo}/blobs/${digest}`), 200);
    }
    const found = new Map<string, SeenRequest[]>();
    for (const request of server.requests) {
      const kind = kinds.find(([, line]) => line.test(request.line))?.[0] ?? "";
      found.set(kind, [...(found.get(kind) ?? []), request]);
    }
    for (const kind of ["a blob", "a checkpoint", "a check", "begun in parts", "anything else"])
      assert.ok((found.get(kind)?.length ?? 0) > 0, kind);
    return found;
  }

  const encryption = ["x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"];

  function assertHeaders(found: Map<string, SeenRequest[]>, sse: (string | undefined)[], storage?: string) {
    for (const [kind, requests] of found)
      for (const { line, headers } of requests) {
        const stored = kind !== "anything else";
        assert.deepEqual(
          encryption.map((name) => headers[name]),
          stored ? sse : [undefined, undefined],
          line,
        );
        // A check in parts is aborted: it is never stored in any class.
        const classed = kind === "a blob" || kind === "begun in parts";
        assert.equal(headers["x-amz-storage-class"], classed ? storage : undefined, line);
      }
  }

  test("by default neither is", async () => {
    assertHeaders(await requestsWith({}), [undefined, undefined]);
  });

  test("sse: s3, with a storage class", async () => {
    const settings = { sse: "s3", storage_class: "STANDARD_IA" };
    assertHeaders(await requestsWith(settings), ["AES256", undefined], "STANDARD_IA");
  });

  test("sse: kms with a key, and markers", async () => {
    const settings = {
      sse: "kms",
      sse_kms_key_id: "arn:aws:kms:key/1",
      digest_marker: "object",
      storage_class: "GLACIER_IR",
    };
    const found = await requestsWith(settings);
    assert.ok(found.has("a marker"));
    assertHeaders(found, ["aws:kms", "arn:aws:kms:key/1"], "GLACIER_IR");
  });

  test("sse: kms with the bucket's own key", async () => {
    assertHeaders(await requestsWith({ sse: "kms" }), ["aws:kms", undefined]);
  });
});
