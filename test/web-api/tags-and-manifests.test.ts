import assert from "node:assert/strict";
import { test } from "node:test";
import type { ManifestView, TagsView } from "#core/web/views.ts";
import { startBerth } from "../harness/berth.ts";
import { digestOf, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { pageClient } from "./page-client.ts";

const html = `<script>alert(1)</script><img src=x onerror=alert(1)>`;

function config(layers: Buffer[], more: object = {}): Buffer {
  return Buffer.from(
    JSON.stringify({
      architecture: "arm64",
      variant: "v8",
      os: "linux",
      created: "2024-05-06T07:08:09Z",
      author: html,
      config: {
        Entrypoint: ["/bin/app"],
        Cmd: ["--fast", html],
        Env: ["PATH=/bin", `EVIL=${html}`],
        WorkingDir: "/srv",
        User: "1000",
        ExposedPorts: { "80/tcp": {} },
        Volumes: { "/data": {} },
        Labels: { [html]: html, ["__proto__"]: "x", "org.opencontainers.image.title": "app" },
      },
      rootfs: { type: "layers", diff_ids: layers.map((bytes) => digestOf(bytes)) },
      history: [
        { created: "2024-05-06T07:08:00Z", created_by: "ADD root" },
        { created_by: "ENV A=1", empty_layer: true },
        { created_by: "COPY app", comment: html },
      ],
      ...more,
    }),
  );
}

test("a manifest is shown with its layers, config and history, whatever its texts hold", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const layers = [freshBytes(100), freshBytes(200)];
  const image = oci.image({ config: config(layers), layers, annotations: { [html]: html } });
  await client.push("team/app", image, "v1");
  const page = pageClient(berth.url);
  const answer = await page.get("/manifest?repository=team/app&reference=v1");
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  const view = answer.json as ManifestView;
  assert.deepEqual([view.digest, view.size, view.tags], [image.digest, image.size, ["v1"]]);
  assert.equal(view.totalSize, image.size + image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0));
  assert.deepEqual(
    view.layers.map(({ size }) => size),
    [100, 200],
  );
  assert.equal(view.annotations[html], html);
  assert.equal(view.image?.platform, "linux/arm64/v8");
  assert.equal(view.image?.createdAt, "2024-05-06T07:08:09.000Z");
  assert.equal(view.image?.labels[html], html);
  assert.deepEqual(view.image?.exposedPorts, ["80/tcp"]);
  assert.deepEqual(view.image?.volumes, ["/data"]);
  assert.deepEqual(
    view.image?.history.map(({ createdBy, layer, size }) => [createdBy, layer, size]),
    [
      ["ADD root", view.layers[0]?.digest, 100],
      ["ENV A=1", undefined, undefined],
      ["COPY app", view.layers[1]?.digest, 200],
    ],
  );
  assert.deepEqual(view.may, { push: true, delete: true });
  const tags = (await page.get("/tags?repository=team/app")).json;
  assert.deepEqual(tags.may, { push: true, overwrite: true, delete: true });
  const [tag] = tags.items;
  assert.deepEqual(
    [tag.name, tag.digest, tag.size, tag.platforms, tag.pinned, tag.immutable],
    ["v1", image.digest, view.totalSize, ["linux/arm64/v8"], false, false],
  );
  assert.match(tag.pushedAt, /^\d{4}-.*Z$/);
});

test("configs that are none are left out, and the manifest is shown all the same", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const page = pageClient(berth.url);
  const layer = freshBytes(10);
  const hostile: [string, Buffer][] = [
    ["not-json", Buffer.from("{")],
    ["deep", Buffer.from("[".repeat(10_000) + "]".repeat(10_000))],
    ["array", Buffer.from("[]")],
    ["numbers", config([layer], { architecture: 7, os: {}, history: 3 })],
    ["labels", config([layer], { config: { Labels: [1], Env: { a: 1 } } })],
    ["twice", Buffer.from('{"os":"a","os":"b"}')],
    ["more-layers", config([layer, layer])],
    ["date", config([layer], { created: "+275761-01-01T00:00:00Z", history: [{ created: "never" }] })],
    ["empty-object", Buffer.from("{}")],
    ["large", Buffer.alloc(5 * 1024 * 1024, 32)],
  ];
  for (const [name, bytes] of hostile) {
    const image = oci.image({ config: bytes, layers: [layer] });
    await client.push("hostile/app", image, name);
    const answer = await page.get(`/manifest?repository=hostile/app&reference=${name}`);
    assert.equal(answer.status, 200, `${name} ${answer.text}`);
    assert.equal(answer.json.layers.length, 1);
  }
  const { items } = (await page.get("/tags?repository=hostile/app")).json;
  assert.equal(items.length, hostile.length);
  assert.equal((await client.get("/v2/")).status, 200);
});

test("an index shows its children, and what signs and describes them", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const page = pageClient(berth.url);
  const layers = [freshBytes(50)];
  const [amd, arm] = [oci.image({ layers }), oci.image({ config: config(layers), layers })];
  const attested = oci.image();
  for (const child of [amd, arm]) await client.push("multi/app", child);
  const index = oci.index({
    manifests: [
      { ...amd.descriptor, platform: { os: "linux", architecture: "amd64" } },
      {
        ...arm.descriptor,
        platform: { os: "linux", architecture: "arm64", variant: "v8" },
        annotations: { a: html },
      },
    ],
  });
  await client.push("multi/app", index, "latest");
  for (const [artifactType, annotations] of [
    ["application/vnd.cncf.notary.signature", {}],
    ["application/spdx+json", {}],
    ["application/vnd.cyclonedx+json", {}],
    ["application/vnd.in-toto+json", {}],
    ["application/vnd.dev.sigstore.bundle.v0.3+json", { "dev.sigstore.bundle.content": "message-signature" }],
    ["application/x.something", { note: html }],
  ] as const)
    await client.push("multi/app", oci.image({ artifactType, annotations, subject: index.descriptor }));
  await client.push("multi/app", attested, `${index.digest.replace(":", "-")}.sig`);

  const view = (await page.get("/manifest?repository=multi/app&reference=latest")).json as ManifestView;
  assert.deepEqual(
    view.children.map(({ digest, platform, present }) => [digest, platform, present]),
    [
      [amd.digest, "linux/amd64", true],
      [arm.digest, "linux/arm64/v8", true],
    ],
  );
  assert.equal(view.children[1]?.annotations.a, html);
  assert.deepEqual(view.referrers.map(({ kind }) => kind).sort(), [
    "SBOM",
    "SBOM",
    "artifact",
    "attestation",
    "signature",
    "signature",
    "signature",
  ]);
  const sum = (one: typeof amd) => one.size + one.blobs.reduce((all, { bytes }) => all + bytes.length, 0);
  assert.equal(view.totalSize, index.size + sum(amd) + sum(arm));
  const { items } = (await page.get("/tags?repository=multi/app&contains=latest")).json;
  assert.deepEqual(items[0].platforms, ["linux/amd64", "linux/arm64/v8"]);
  const signature = (await page.get("/tags?repository=multi/app&contains=.sig")).json.items[0];
  assert.equal(signature.about, index.digest);
});

test("tags come in pages, by name or part of it; what asks wrongly is told so", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const page = pageClient(berth.url);
  const image = oci.image();
  await client.push("many/app", image, "v0");
  for (let i = 1; i < 7; i++) await client.putManifest("many/app", `v${i}`, image.bytes, image.mediaType);
  const seen: string[] = [];
  let last = "";
  for (let i = 0; i < 10; i++) {
    const { items, next } = (await page.get(`/tags?repository=many/app&n=3&last=${last}`)).json as TagsView;
    seen.push(...items.map(({ name }) => name));
    if (next === undefined) break;
    last = next;
  }
  assert.deepEqual(seen, ["v0", "v1", "v2", "v3", "v4", "v5", "v6"]);
  assert.equal((await page.get("/tags?repository=many/app&contains=5")).json.items.length, 1);
  for (const [path, status] of [
    ["/tags", 400],
    ["/tags?repository=UPPER", 400],
    ["/tags?repository=!engine/x", 400],
    ["/tags?repository=many/app!", 400],
    ["/tags?repository=many/app&n=0", 400],
    ["/tags?repository=many/app&n=x", 400],
    ["/manifest?repository=many/app", 400],
    ["/manifest?repository=many/app&reference=sha256:x", 400],
    ["/manifest?repository=many/app&reference=..%2f", 400],
    ["/removed-tags?last=x", 400],
    ["/nothing", 404],
    ["/tags/x", 404],
    [`/repositories?contains=${"x".repeat(300)}`, 400],
  ] as const)
    assert.equal((await page.get(path)).status, status, path);
  assert.equal((await page.change("PUT", "/tags", {})).status, 405);
});

test("who may only pull is told that he may nothing else", async () => {
  await using house = await startGuarded(
    "  rules:\n    - {repositories: 'team/**', who: anonymous, allow: pull}",
  );
  const admin = await house.addUser("root-user", { admin: true });
  await house.as(admin).push("team/app", oci.image(), "v1");
  const page = pageClient(house.url);
  assert.deepEqual((await page.get("/tags?repository=team/app")).json.may, {
    push: false,
    overwrite: false,
    delete: false,
  });
  assert.deepEqual((await page.get("/manifest?repository=team/app&reference=v1")).json.may, {
    push: false,
    delete: false,
  });
});
