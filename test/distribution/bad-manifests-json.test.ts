import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ociIndex, ociManifest } from "#oci/media-type.ts";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  oci,
  registryClient,
  type ManifestContent,
  type RegistryClient,
} from "../harness/registry-client.ts";

/** Bytes that are no unambiguous JSON object are no manifest: 400 MANIFEST_INVALID, nothing stored. */
describe("manifests that are bad JSON", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  let image: ManifestContent;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
    image = oci.image();
    await client.push("app", image, "good");
  });
  after(() => berth[Symbol.asyncDispose]());

  async function refused(bytes: Uint8Array | string, mediaType = ociManifest): Promise<void> {
    const digest = digestOf(Buffer.from(bytes));
    for (const reference of ["bad", digest]) {
      const answer = await client.putManifest("app", reference, bytes, mediaType);
      expectError(answer, 400, "MANIFEST_INVALID");
      assert.ok(answer.body.length < 10_000, "the answer is no echo of the body");
      expectError(await client.get(`/v2/app/manifests/${reference}`), 404, "MANIFEST_UNKNOWN");
    }
  }

  async function accepted(bytes: Uint8Array | string, mediaType = ociManifest): Promise<void> {
    const answer = await client.putManifest("app", "accepted", bytes, mediaType);
    expectStatus(answer, 201);
    assert.equal(answer.headers.get("docker-content-digest"), digestOf(Buffer.from(bytes)));
    assert.deepEqual((await client.get("/v2/app/manifests/accepted")).body, Buffer.from(bytes));
  }

  /** The good image's text with something put before its first member. */
  const withMember = (member: string) => image.bytes.toString().replace("{", `{${member},`);

  test("no JSON at all", async () => {
    for (const bytes of ["", " ", "{", "hello", "<html></html>", "{]", "{'a':1}", "{a:1}", "\0"])
      await refused(bytes);
  });

  test("JSON that is no object", async () => {
    for (const bytes of ["null", "[]", "1", '"x"', "true", `[${image.bytes.toString()}]`])
      await refused(bytes);
  });

  test("an empty object", async () => {
    await refused("{}");
    await refused("{}", ociIndex);
  });

  test("a good manifest cut off, or with something behind it", async () => {
    await refused(image.bytes.subarray(0, image.bytes.length - 3));
    await refused(image.bytes.toString() + "x");
    await refused(image.bytes.toString() + image.bytes.toString());
    await refused(image.bytes.toString().replace(/}\s*$/, ",}"));
  });

  test("numbers, comments and escapes that JSON doesn't have", async () => {
    for (const member of [
      '"x": NaN',
      '"x": 01',
      '"x": 0x10',
      '"x": 1 // one',
      '"x": "\\q"',
      '"x": "\n"',
      '"x": .5',
    ]) {
      await refused(withMember(member));
    }
  });

  test("a BOM", async () => {
    await refused("\ufeff" + image.bytes.toString());
    await refused(Buffer.from("\ufeff" + image.bytes.toString(), "utf16le"));
  });

  test("bytes that are no UTF-8", async () => {
    const [before, after] = withMember('"x": "?"').split("?");
    for (const bytes of [[0xff], [0xc0, 0xae], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
      await refused(Buffer.concat([Buffer.from(before ?? ""), Buffer.from(bytes), Buffer.from(after ?? "")]));
    }
  });

  test("nested 10,000 deep", async () => {
    const depth = 10_000;
    await refused(withMember(`"x": ${"[".repeat(depth)}${"]".repeat(depth)}`));
    await refused(withMember(`"x": ${'{"x":'.repeat(depth)}1${"}".repeat(depth)}`));
    await refused("[".repeat(depth));
    await refused('{"a":'.repeat(depth));
  });

  test("nested as deep as 4 MiB allow", async () => {
    const depth = 2_000_000;
    await refused(withMember(`"x": ${"[".repeat(depth)}${"]".repeat(depth)}`));
    expectStatus(await client.get("/v2/app/manifests/good"), 200);
  });

  test("nested a little, in a custom field, is fine", async () => {
    await accepted(withMember(`"x": ${"[".repeat(20)}${"]".repeat(20)}`));
  });

  test("duplicate keys", async () => {
    for (const member of [
      '"schemaVersion": 2',
      `"mediaType": "${ociManifest}"`,
      '"layers": []',
      '"config": {}',
      '"custom": 1, "custom": 1',
      '"custom": {"a": 1, "a": 2}',
      '"custom": [{"a": 1, "b": {"c": 1, "c": 1}}]',
    ]) {
      await refused(withMember(member));
    }
  });

  test("duplicate keys, one of them spelled with escapes", async () => {
    await refused(withMember('"schema\\u0056ersion": 2'));
    await refused(withMember('"\\u006cayers": []'));
    await refused(withMember('"a/b": 1, "a\\/b": 1'));
  });

  test("duplicate keys inside a descriptor and inside annotations", async () => {
    const text = image.bytes.toString();
    await refused(text.replace('"size":', '"size": 1, "size":'));
    await refused(text.replace('"digest":', `"digest": "${image.digest}", "digest":`));
    await refused(withMember('"annotations": {"a": "1", "a": "2"}'));
  });

  test("equal keys in different objects are no duplicates", async () => {
    await accepted(
      withMember('"x": {"size": 1, "y": {"size": 1}}, "z": [{"a": 1}, {"a": 1}], "w": "size\\": \\"size"'),
    );
  });

  test("a `__proto__` key is a custom field like any other", async () => {
    await accepted(withMember('"__proto__": {"polluted": true, "manifests": []}'));
    await accepted(
      withMember('"constructor": {"prototype": {"polluted": true}}, "toString": 1, "hasOwnProperty": 1'),
    );
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    await refused(withMember('"__proto__": 1, "__proto__": 2'));
  });

  test("a `__proto__` key gives a manifest nothing that it lacks", async () => {
    await refused(`{"__proto__": ${image.bytes.toString()}}`);
    await refused(
      `{"schemaVersion": 2, "mediaType": "${ociIndex}", "__proto__": {"manifests": []}}`,
      ociIndex,
    );
    await refused(
      image.bytes
        .toString()
        .replace(/"config": {/, '"config": {"__proto__": {')
        .replace(/}\s*,/, "}},"),
    );
    expectStatus(await client.get("/v2/app/manifests/good"), 200);
  });

  test("`__proto__` among the annotations is listed as it is", async () => {
    const text = withMember(
      `"subject": ${JSON.stringify(image.descriptor)}, "annotations": {"__proto__": "a", "constructor": "b"}`,
    );
    await accepted(text);
    const list = (await client.get(`/v2/app/referrers/${image.digest}`)).body.toString();
    const { manifests } = JSON.parse(list) as { manifests: { annotations?: object }[] };
    assert.deepEqual(Object.entries(manifests[0]?.annotations ?? {}), [
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });
});
