import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { buildahIn } from "./harness/image-tool.ts";
import { writeLayout } from "./harness/oci-layout.ts";
import { startRegistry } from "./harness/registry.ts";
import { assertUnpacked } from "./harness/same-content.ts";
import { workplace } from "./harness/workplace.ts";
import { findProgram } from "./find-program.ts";
import { needs } from "./needs.ts";

test(
  "buildah builds busybox from scratch, pushes it and pulls it after a restart",
  needs("buildah", "busybox"),
  async () => {
    await using work = workplace();
    const buildah = buildahIn(work);
    const busybox = findProgram("busybox") ?? "";
    await buildah("from", "--name", "build", "scratch");
    await buildah("copy", "build", busybox, "/bin/busybox");
    await buildah("config", "--entrypoint", '["/bin/busybox"]', "build");
    const id = (await buildah("commit", "--quiet", "--rm", "build", "local/busybox")).trim();
    let digest: string;
    {
      await using registry = await startRegistry(work.folder("registry"));
      await buildah("push", "--tls-verify=false", id, `docker://${registry.host}/busybox:1`);
      digest = await registry.digest("busybox", "1");
    }
    await buildah("rmi", "--force", id);

    await using registry = await startRegistry(work.folder("registry"));
    const pulled = await buildah("pull", "--quiet", "--tls-verify=false", `${registry.host}/busybox:1`);
    assert.equal(pulled.trim(), id);
    assert.equal(await registry.digest("busybox", "1"), digest);
    await buildah("from", "--name", "check", id);
    const root = (await buildah("mount", "check")).trim();
    assert.deepEqual(await readFile(join(root, "bin/busybox")), await readFile(busybox));
  },
);

test("buildah builds on an image that it pulls, and pushes only what is new", needs("buildah"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const buildah = buildahIn(work);
  writeLayout(work.folder("image"), "v1", [smallImage]);
  await buildah("pull", "--quiet", "oci:image:v1");
  const [base = ""] = (await buildah("images", "--quiet", "--no-trunc")).trim().split("\n");
  await buildah("push", "--tls-verify=false", base, `docker://${registry.host}/team/base:v1`);

  const containerfile = join(work.path, "Containerfile");
  writeFileSync(containerfile, `FROM ${registry.host}/team/base:v1\nCOPY Containerfile /\n`);
  const target = `${registry.host}/team/app:v1`;
  await buildah(
    "build",
    "--tls-verify=false",
    "--layers",
    "--file",
    containerfile,
    "--tag",
    target,
    work.folder("."),
  );
  await buildah("push", "--tls-verify=false", target, `docker://${target}`);
  const layers = async (repository: string) => {
    const response = await registry.get(`${repository}/manifests/v1`);
    const { layers } = (await response.json()) as { layers: { digest: string }[] };
    return layers.map(({ digest }) => digest);
  };
  const [below, above] = [await layers("team/base"), await layers("team/app")];
  assert.equal(above.length, below.length + 1);
  assert.deepEqual(above.slice(0, below.length), below);
});

test("buildah pushes a manifest list of two platforms", needs("buildah"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const buildah = buildahIn(work);
  await buildah("manifest", "create", "both");
  for (const image of [smallImage, smallArmImage]) {
    writeLayout(work.folder(image.architecture), "v1", [image]);
    await buildah("manifest", "add", "both", `oci:${image.architecture}:v1`);
  }
  const name = `${registry.host}/team/app:both`;
  await buildah("manifest", "push", "--all", "--tls-verify=false", "both", `docker://${name}`);
  for (const image of [smallImage, smallArmImage]) {
    const id = (
      await buildah("pull", "--quiet", `--arch=${image.architecture}`, "--tls-verify=false", name)
    ).trim();
    await buildah("from", "--name", image.architecture, `--arch=${image.architecture}`, id);
    await assertUnpacked(image, (await buildah("mount", image.architecture)).trim());
  }
});
