import assert from "node:assert/strict";
import { test } from "node:test";
import { startContainerd, type Containerd } from "./harness/containerd.ts";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { layoutArchive, writeLayout, type Layout } from "./harness/oci-layout.ts";
import { startRegistry } from "./harness/registry.ts";
import { assertSameContent } from "./harness/same-content.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("ctr pushes an image and pulls the same bytes after a restart", needs("containerd"), async () => {
  await using work = workplace();
  await using containerd = await startContainerd(work);
  const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
  {
    await using registry = await startRegistry(work.folder("registry"));
    await importAs(containerd, work, layout, `${registry.host}/team/app`);
    await containerd.ctr("images", "push", "--plain-http", `${registry.host}/team/app:v1`);
    assert.equal(await registry.digest("team/app", "v1"), layout.digest);
    await forget(containerd, `${registry.host}/team/app:v1`);
  }
  await using registry = await startRegistry(work.folder("registry"));
  const name = `${registry.host}/team/app:v1`;
  await containerd.ctr("images", "pull", "--plain-http", "--snapshotter", "native", name);
  await assertSameContent(layout, containerd.content);
});

test("ctr pushes and pulls all platforms of a multi-arch image", needs("containerd"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  await using containerd = await startContainerd(work);
  const layout = writeLayout(work.folder("image"), "v1", [smallImage, smallArmImage]);
  const name = `${registry.host}/team/app:v1`;
  await importAs(containerd, work, layout, `${registry.host}/team/app`);
  await containerd.ctr("images", "push", "--plain-http", name);
  assert.equal(await registry.digest("team/app", "v1"), layout.digest);
  await forget(containerd, name);
  await containerd.ctr("content", "fetch", "--plain-http", "--all-platforms", name);
  await assertSameContent(layout, containerd.content);
});

async function importAs(containerd: Containerd, work: Workplace, layout: Layout, name: string) {
  const archive = await layoutArchive(work, layout);
  await containerd.ctr("images", "import", "--no-unpack", "--all-platforms", "--base-name", name, archive);
}

/** Removes the image and waits until its content is gone, so that a pull has to fetch it. */
async function forget(containerd: Containerd, name: string) {
  await containerd.ctr("images", "rm", "--sync", name);
  assert.equal(await containerd.ctr("content", "ls", "--quiet"), "");
}
