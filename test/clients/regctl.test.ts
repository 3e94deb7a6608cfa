import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { writeLayout } from "./harness/oci-layout.ts";
import { startRegistry, type Registry } from "./harness/registry.ts";
import { assertSameContent } from "./harness/same-content.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("regctl copies a multi-arch image in, and out again after a restart", needs("regctl"), async () => {
  await using work = workplace();
  const layout = writeLayout(work.folder("image"), "v1", [smallImage, smallArmImage]);
  {
    await using registry = await startRegistry(work.folder("registry"));
    const regctl = await regctlFor(work, registry);
    await regctl("image", "copy", "ocidir://image:v1", `${registry.host}/team/app:v1`);
    assert.equal(await registry.digest("team/app", "v1"), layout.digest);
  }
  await using registry = await startRegistry(work.folder("registry"));
  const regctl = await regctlFor(work, registry);
  await regctl("image", "copy", `${registry.host}/team/app:v1`, "ocidir://pulled:v1");
  await assertSameContent(layout, work.folder("pulled"));
});

test("regctl deletes one tag and leaves the image's other tag", needs("regctl"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const regctl = await regctlFor(work, registry);
  const { digest } = writeLayout(work.folder("image"), "v1", [smallImage]);
  const name = `${registry.host}/team/app`;
  for (const tag of ["v1", "v2"]) await regctl("image", "copy", "ocidir://image:v1", `${name}:${tag}`);
  assert.equal(await regctl("tag", "ls", name), "v1\nv2\n");
  assert.equal(await regctl("repo", "ls", registry.host), "team/app\n");

  await regctl("tag", "delete", `${name}:v1`);
  assert.equal(await regctl("tag", "ls", name), "v2\n");
  assert.equal((await regctl("image", "digest", `${name}:v2`)).trim(), digest);

  await regctl("manifest", "delete", `${name}@${digest}`);
  assert.equal(await registry.status("team/app/manifests/v2"), 404);
});

test("regctl makes an index of two images", needs("regctl"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const regctl = await regctlFor(work, registry);
  const name = `${registry.host}/team/app`;
  const digests: string[] = [];
  for (const image of [smallImage, smallArmImage]) {
    digests.push(writeLayout(work.folder(image.architecture), "v1", [image]).digest);
    await regctl("image", "copy", `ocidir://${image.architecture}:v1`, `${name}:${image.architecture}`);
  }
  await regctl("index", "create", `${name}:both`, "--ref", `${name}:amd64`, "--ref", `${name}:arm64`);
  const platform = (arch: string) => regctl("image", "digest", "--platform", `linux/${arch}`, `${name}:both`);
  assert.equal((await platform("amd64")).trim(), digests[0]);
  assert.equal((await platform("arm64")).trim(), digests[1]);
});

test("regctl copies an image and what refers to it to another registry", needs("regctl"), async () => {
  await using work = workplace();
  await using from = await startRegistry(work.folder("from"));
  await using to = await startRegistry(work.folder("to"));
  await regctlFor(work, from);
  const regctl = await regctlFor(work, to);
  const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
  const [source, target] = [`${from.host}/team/app`, `${to.host}/mirror/app`];
  await regctl("image", "copy", "ocidir://image:v1", `${source}:v1`);
  await writeFile(join(work.path, "sbom.json"), '{"packages":[]}');
  const type = "application/example.sbom";
  const files = ["--file", "sbom.json", "--file-media-type", "application/json"];
  await regctl("artifact", "put", "--subject", `${source}:v1`, "--artifact-type", type, ...files);

  await regctl("image", "copy", "--referrers", `${source}:v1`, `${target}:v1`);
  assert.equal(await to.digest("mirror/app", "v1"), layout.digest);
  const referrers = await to.referrers("mirror/app", layout.digest);
  assert.deepEqual(
    referrers.map(({ artifactType }) => artifactType),
    [type],
  );
  // No tag stands in for the referrers API.
  assert.deepEqual(await to.tags("mirror/app"), ["v1"]);
  const subject = ["--subject", `${target}:v1`, "--filter-artifact-type", type];
  assert.equal(await regctl("artifact", "get", ...subject), '{"packages":[]}');
});

async function regctlFor(work: Workplace, registry: Registry) {
  const regctl = (...args: string[]) => work.run("regctl", args);
  await regctl("registry", "set", "--tls", "disabled", registry.host);
  return regctl;
}
