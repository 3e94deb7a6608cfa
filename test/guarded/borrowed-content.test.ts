import assert from "node:assert/strict";
import { test } from "node:test";
import {
  digestOf,
  expectError,
  expectStatus,
  oci,
  unknownDigest,
  type Response,
} from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

for (const rule of ["none", "index", "any"])
  test(`what a manifest of one's own names in others' repositories tells nothing and opens nothing (missing_references: ${rule})`, async () => {
    await using house = await startGuarded(`  missing_references: ${rule}\n  rules: []`);
    const [alice, bob] = [await house.addUser("alice"), await house.addUser("bob")];
    const secret = oci.image();
    await house.as(alice).push("alice/app", secret, "v1");
    const client = house.as(bob);
    const blob = secret.blobs[0]?.digest ?? "";

    /** Pushes an image or index that names this digest; what is told of it, without the digests. */
    const told = async (kind: "image" | "index", digest: string, size: number) => {
      const mediaType = secret.mediaType;
      const content =
        kind === "index"
          ? oci.index({ manifests: [{ mediaType, digest, size }] })
          : oci.image({
              config: Buffer.from("{}"),
              layers: [{ mediaType: "application/octet-stream", digest, size }],
            });
      for (const { bytes } of content.blobs) await client.pushBlob(bytes, { repo: "bob/app" });
      const answer: Response = await client.putManifest("bob/app", "x", content.bytes, content.mediaType);
      const text = (value: string) => value.replaceAll(digest, "DIGEST").replaceAll(content.digest, "OWN");
      return [answer.status, text(answer.body.toString()), text(JSON.stringify(answer.headers.comparable()))];
    };
    for (const size of [64, 1])
      for (const [kind, digest] of [
        ["image", blob],
        ["index", secret.digest],
      ] as const)
        assert.deepEqual(
          await told(kind, digest, size),
          await told(kind, unknownDigest(), size),
          `${kind} ${size}`,
        );

    expectError(await client.get(`/v2/bob/app/blobs/${blob}`), 404, "BLOB_UNKNOWN");
    expectError(await client.head(`/v2/bob/app/blobs/${blob}`), 404);
    expectError(await client.get(`/v2/bob/app/manifests/${secret.digest}`), 404, "MANIFEST_UNKNOWN");
  });

test("a referrer of somebody else's manifest is seen in one's own repository only", async () => {
  await using house = await startGuarded();
  const [alice, bob] = [await house.addUser("alice"), await house.addUser("bob")];
  const subject = oci.image();
  await house.as(alice).push("alice/app", subject, "v1");
  const signature = oci.image({ subject: subject.descriptor, artifactType: "application/x-signature" });
  await house.as(bob).push("bob/app", signature);
  const listed = async (who: typeof alice, repo: string) =>
    (await house.as(who).get(`/v2/${repo}/referrers/${subject.digest}`)).body.toString();
  assert.ok((await listed(bob, "bob/app")).includes(signature.digest));
  assert.ok(!(await listed(alice, "alice/app")).includes(signature.digest));
});

test("pushing bytes that others have takes all the bytes: nobody gets them by the digest alone", async () => {
  await using house = await startGuarded();
  const [alice, bob] = [await house.addUser("alice"), await house.addUser("bob")];
  const bytes = Buffer.from("the secret bytes of alice");
  await house.as(alice).pushBlob(bytes, { repo: "alice/app" });
  const digest = digestOf(bytes);
  const client = house.as(bob);
  for (const body of ["", "x", bytes.subarray(1)]) {
    const session = await client.startUpload("bob/app");
    expectStatus(await client.request("PUT", `${session}?digest=${digest}`, { body }), 400);
    const post = await client.request("POST", `/v2/bob/app/blobs/uploads/?digest=${digest}`, { body });
    expectStatus(post, 400);
  }
  expectError(await client.head(`/v2/bob/app/blobs/${digest}`), 404);
});
