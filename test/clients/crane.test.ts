import assert from "node:assert/strict";
import { test } from "node:test";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { writeLayout } from "./harness/oci-layout.ts";
import { startRegistry } from "./harness/registry.ts";
import { assertSameContent } from "./harness/same-content.ts";
import { workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("crane pushes a multi-arch image and pulls the same bytes after a restart", needs("crane"), async () => {
  await using work = workplace();
  const layout = writeLayout(work.folder("image"), "v1", [smallImage, smallArmImage]);
  {
    await using registry = await startRegistry(work.folder("registry"));
    const pushed = await work.run("crane", ["push", layout.folder, `${registry.host}/team/app:v1`]);
    assert.equal(pushed.trim(), `${registry.host}/team/app@${layout.digest}`);
  }
  await using registry = await startRegistry(work.folder("registry"));
  const name = `${registry.host}/team/app:v1`;
  assert.equal((await work.run("crane", ["digest", name])).trim(), layout.digest);
  await work.run("crane", ["validate", "--remote", name]);
  await work.run("crane", ["pull", "--format=oci", name, "pulled"]);
  await assertSameContent(layout, work.folder("pulled"));
});

test("crane lists repositories and tags", needs("crane"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const { folder } = writeLayout(work.folder("image"), "v1", [smallImage]);
  await work.run("crane", ["push", folder, `${registry.host}/team/app:v1`]);
  await work.run("crane", ["tag", `${registry.host}/team/app:v1`, "v2"]);
  await work.run("crane", ["push", folder, `${registry.host}/other:v1`]);
  assert.equal(await work.run("crane", ["catalog", registry.host]), "other\nteam/app\n");
  assert.equal(await work.run("crane", ["ls", `${registry.host}/team/app`]), "v1\nv2\n");
});

test("crane deletes an image by its digest", needs("crane"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
  await work.run("crane", ["push", layout.folder, `${registry.host}/team/app:v1`]);
  await work.run("crane", ["delete", `${registry.host}/team/app@${layout.digest}`]);
  assert.equal(await registry.status("team/app/manifests/v1"), 404);
  await assert.rejects(work.run("crane", ["digest", `${registry.host}/team/app:v1`]), /404/);
});

test("crane appends an image to an index", needs("crane"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const names = [smallImage, smallArmImage].map((image) => `${registry.host}/team/app:${image.architecture}`);
  for (const [n, image] of [smallImage, smallArmImage].entries()) {
    const { folder } = writeLayout(work.folder(image.architecture), "v1", [image]);
    await work.run("crane", ["push", folder, names[n] ?? ""]);
  }
  const both = `${registry.host}/team/app:both`;
  await work.run("crane", ["index", "append", ...names.flatMap((name) => ["-m", name]), "-t", both]);
  for (const [n, image] of [smallImage, smallArmImage].entries()) {
    const digest = await work.run("crane", ["digest", "--platform", `linux/${image.architecture}`, both]);
    assert.equal(digest, await work.run("crane", ["digest", names[n] ?? ""]));
  }
});

test("crane copies a multi-arch image from one registry to another", needs("crane"), async () => {
  await using work = workplace();
  await using from = await startRegistry(work.folder("from"));
  await using to = await startRegistry(work.folder("to"));
  const layout = writeLayout(work.folder("image"), "v1", [smallImage, smallArmImage]);
  const target = `${to.host}/mirror/app:v1`;
  await work.run("crane", ["push", layout.folder, `${from.host}/team/app:v1`]);
  await work.run("crane", ["copy", `${from.host}/team/app:v1`, target]);
  await work.run("crane", ["pull", "--format=oci", target, "pulled"]);
  await assertSameContent(layout, work.folder("pulled"));
});
