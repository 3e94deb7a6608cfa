import assert from "node:assert/strict";
import { test } from "node:test";
import { bigImage, smallArmImage, smallImage } from "./harness/image-content.ts";
import { skopeoIn } from "./harness/image-tool.ts";
import { writeLayout } from "./harness/oci-layout.ts";
import { startRegistry } from "./harness/registry.ts";
import { assertSameContent } from "./harness/same-content.ts";
import { workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];

test("skopeo pushes an image and copies back the same bytes after a restart", needs("skopeo"), async () => {
  await using work = workplace();
  const skopeo = skopeoIn(work);
  const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
  {
    await using registry = await startRegistry(work.folder("registry"));
    await skopeo("copy", ...plain, `oci:${layout.folder}:v1`, `docker://${registry.host}/team/app:v1`);
    assert.equal(await registry.digest("team/app", "v1"), layout.digest);
  }
  await using registry = await startRegistry(work.folder("registry"));
  const pulled = work.folder("pulled");
  await skopeo("copy", ...plain, `docker://${registry.host}/team/app:v1`, `oci:${pulled}:v1`);
  await assertSameContent(layout, pulled);
});

test("skopeo lists tags, inspects and deletes an image", needs("skopeo"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const skopeo = skopeoIn(work);
  const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
  const name = `docker://${registry.host}/team/app`;
  for (const tag of ["v1", "v2"]) {
    await skopeo("copy", ...plain, `oci:${layout.folder}:v1`, `${name}:${tag}`);
  }
  const listed = JSON.parse(await skopeo("list-tags", "--tls-verify=false", name)) as { Tags: string[] };
  assert.deepEqual(listed.Tags, ["v1", "v2"]);
  const image = JSON.parse(await skopeo("inspect", "--tls-verify=false", `${name}:v2`)) as {
    Digest: string;
    Layers: string[];
  };
  assert.equal(image.Digest, layout.digest);
  assert.equal(image.Layers.length, smallImage.layers);

  // skopeo deletes the manifest that the tag points at, so every tag of it goes.
  await skopeo("delete", "--tls-verify=false", `${name}:v1`);
  assert.equal(await registry.status(`team/app/manifests/${layout.digest}`), 404);
  assert.equal(await registry.status("team/app/manifests/v2"), 404);
  await assert.rejects(skopeo("inspect", "--tls-verify=false", `${name}:v1`), /manifest unknown/);
});

test("skopeo copies a multi-arch image from one registry to another", needs("skopeo"), async () => {
  await using work = workplace();
  await using from = await startRegistry(work.folder("from"));
  await using to = await startRegistry(work.folder("to"));
  const skopeo = skopeoIn(work);
  const layout = writeLayout(work.folder("image"), "v1", [smallImage, smallArmImage]);
  const source = `docker://${from.host}/team/app:v1`;
  const target = `docker://${to.host}/mirror/team/app:v1`;
  await skopeo("copy", "--all", ...plain, `oci:${layout.folder}:v1`, source);
  await skopeo("copy", "--all", "--preserve-digests", ...plain, source, target);
  assert.equal(await to.digest("mirror/team/app", "v1"), layout.digest);
  const pulled = work.folder("pulled");
  await skopeo("copy", "--all", ...plain, target, `oci:${pulled}:v1`);
  await assertSameContent(layout, pulled);
});

test("skopeo pushes and pulls an image of six layers and 570 MB", needs("skopeo"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const skopeo = skopeoIn(work);
  const layout = writeLayout(work.folder("image"), "v1", [bigImage]);
  await skopeo("copy", ...plain, `oci:${layout.folder}:v1`, `docker://${registry.host}/big:v1`);
  const pulled = work.folder("pulled");
  await skopeo("copy", ...plain, `docker://${registry.host}/big:v1`, `oci:${pulled}:v1`);
  await assertSameContent(layout, pulled);
});
