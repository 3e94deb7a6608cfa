import assert from "node:assert/strict";
import { test } from "node:test";
import { expectError, freshBytes, oci, unknownDigest, type Response } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

/** An answer with the names that were asked for taken out: what is left must not depend on what exists. */
function shape(response: Response, ...names: string[]) {
  const blank = (text: string) => names.reduce((left, name) => left.replaceAll(name, "NAME"), text);
  const headers = response.headers
    .comparable()
    .filter(([name]) => name !== "content-length")
    .map(([name, value]) => [name, blank(value)]);
  return { status: response.status, headers, body: blank(response.body.toString("utf8")) };
}

async function secrets() {
  const house = await startGuarded(
    "  rules:\n    - {repositories: 'public/**', who: anonymous, allow: pull}",
  );
  const [alice, bob] = [await house.addUser("alice"), await house.addUser("bob")];
  const image = oci.image();
  await house.as(alice).push("alice/private", image, "v1");
  const session = await house.as(alice).startUpload("alice/private");
  return { house, alice, bob, image, session };
}

type House = Awaited<ReturnType<typeof secrets>>;

const askers = {
  anonymous: ({ house }: House) => house.as(undefined),
  "an anonymous token": async ({ house }: House) =>
    house.bearer(await house.token(undefined, "repository:alice/private:pull")),
  "a user without rights": ({ house, bob }: House) => house.as(bob),
  "a token of a user without rights": async ({ house, bob }: House) =>
    house.bearer(await house.token(bob, "repository:alice/private:pull", "repository:bob/app:pull")),
  "a token for another repository of the owner": async ({ house, alice }: House) =>
    house.bearer(await house.token(alice, "repository:alice/other:pull")),
};

for (const [who, asker] of Object.entries(askers)) {
  const status = who.includes("user") ? 403 : 401;
  test(`${who} gets one answer whether or not a repository, tag, manifest or blob exists, GET and HEAD`, async () => {
    const one = await secrets();
    await using _house = one.house;
    const client = await asker(one);
    const blob = one.image.blobs[0]?.digest ?? "";
    const nothing = unknownDigest();
    for (const method of ["GET", "HEAD"])
      for (const [there, missing] of [
        [`manifests/v1`, `manifests/nope`],
        [`manifests/${one.image.digest}`, `manifests/${nothing}`],
        [`blobs/${blob}`, `blobs/${nothing}`],
        [`tags/list`, `tags/list`],
        [`referrers/${one.image.digest}`, `referrers/${nothing}`],
      ] as const) {
        const seen = await client.request(method, `/v2/alice/private/${there}`);
        assert.equal(seen.status, status);
        const expected = shape(seen, "alice/private");
        for (const path of [
          `alice/private/${missing}`,
          `alice/nothing/${missing}`,
          `alice/nothing/${there}`,
        ]) {
          const other = await client.request(method, `/v2/${path}`);
          assert.deepEqual(shape(other, "alice/private", "alice/nothing"), expected, `${method} ${path}`);
        }
      }
  });

  test(`${who} gets one answer whether or not there is something to change or a session`, async () => {
    const one = await secrets();
    await using _house = one.house;
    const client = await asker(one);
    const blob = one.image.blobs[0]?.digest ?? "";
    const id = one.session.split("/").at(-1) ?? "";
    const other = "0190b6e0-0000-7000-8000-000000000000";
    for (const [method, there, missing] of [
      ["DELETE", "manifests/v1", "manifests/nope"],
      ["DELETE", `manifests/${one.image.digest}`, `manifests/${unknownDigest()}`],
      ["DELETE", `blobs/${blob}`, `blobs/${unknownDigest()}`],
      ["PUT", "manifests/v1", "manifests/nope"],
      ["GET", `blobs/uploads/${id}`, `blobs/uploads/${other}`],
      ["PATCH", `blobs/uploads/${id}`, `blobs/uploads/${other}`],
      ["PUT", `blobs/uploads/${id}?digest=${blob}`, `blobs/uploads/${other}?digest=${blob}`],
      ["DELETE", `blobs/uploads/${id}`, `blobs/uploads/${other}`],
      [
        "POST",
        `blobs/uploads/?mount=${blob}&from=alice/private`,
        `blobs/uploads/?mount=${unknownDigest()}&from=alice/private`,
      ],
    ] as const) {
      const expected = shape(await client.request(method, `/v2/alice/private/${there}`), "alice/private");
      assert.equal(expected.status, status);
      const answer = await client.request(method, `/v2/alice/private/${missing}`);
      assert.deepEqual(shape(answer, "alice/private"), expected, `${method} ${missing}`);
    }
  });
}

test("a blob that is known only by its digest from elsewhere is not there, by HEAD, GET and range", async () => {
  const { house, bob, image } = await secrets();
  await using _house = house;
  const own = await house.as(bob).pushBlob(freshBytes(), { repo: "bob/app" });
  for (const { digest } of image.blobs) {
    for (const headers of [{}, { range: "bytes=0-3" }, { "if-none-match": `"${digest}"` }]) {
      expectError(await house.as(bob).get(`/v2/bob/app/blobs/${digest}`, headers), 404, "BLOB_UNKNOWN");
      expectError(await house.as(bob).head(`/v2/bob/app/blobs/${digest}`, headers), 404);
    }
    expectError(await house.as(bob).remove(`/v2/bob/app/blobs/${digest}`), 404, "BLOB_UNKNOWN");
  }
  expectError(await house.as(bob).get(`/v2/bob/app/manifests/${image.digest}`), 404, "MANIFEST_UNKNOWN");
  // Nor may a manifest that names it bring it in.
  const stolen = await house.as(bob).putManifest("bob/app", "x", image.bytes, image.mediaType);
  expectError(stolen, 404, "MANIFEST_BLOB_UNKNOWN");
  expectError(await house.as(undefined).get(`/v2/bob/app/blobs/${own}`), 401, "UNAUTHORIZED");
});

test("conditions and ranges open nothing that the plain request doesn't", async () => {
  const { house, image } = await secrets();
  await using _house = house;
  const digest = image.blobs[0]?.digest ?? "";
  for (const headers of [
    { "if-none-match": `"${digest}"` },
    { "if-none-match": "*" },
    { range: "bytes=0-" },
    { "if-range": `"${digest}"`, range: "bytes=0-0" },
  ])
    for (const method of ["GET", "HEAD"])
      expectError(
        await house.as(undefined).request(method, `/v2/alice/private/blobs/${digest}`, { headers }),
        401,
      );
});

test("in a repository that anonymous may read, what is missing is 404 and not 401", async () => {
  const { house } = await secrets();
  await using _house = house;
  expectError(await house.as(undefined).get("/v2/public/app/manifests/v1"), 404);
});
