import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { podmanIn } from "./harness/image-tool.ts";
import { writeLayout } from "./harness/oci-layout.ts";
import { startRegistry } from "./harness/registry.ts";
import { assertUnpacked } from "./harness/same-content.ts";
import { workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("podman pushes an image and pulls the same one after a restart", needs("podman"), async () => {
  await using work = workplace();
  const podman = podmanIn(work);
  writeLayout(work.folder("image"), "v1", [smallImage]);
  const id = (await podman("pull", "--quiet", "oci:image:v1")).trim();
  let digest: string;
  {
    await using registry = await startRegistry(work.folder("registry"));
    await podman("push", "--tls-verify=false", id, `${registry.host}/team/app:v1`);
    digest = await registry.digest("team/app", "v1");
  }
  await podman("rmi", "--force", id);

  await using registry = await startRegistry(work.folder("registry"));
  const name = `${registry.host}/team/app:v1`;
  assert.equal((await podman("pull", "--quiet", "--tls-verify=false", name)).trim(), id);
  assert.equal((await podman("image", "inspect", "--format", "{{.Digest}}", id)).trim(), digest);
  await assertUnpacked(smallImage, (await podman("image", "mount", id)).trim());
});

test("podman lists the tags that it pushed and pulls all of them", needs("podman"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const podman = podmanIn(work);
  writeLayout(work.folder("image"), "v1", [smallImage]);
  const id = (await podman("pull", "--quiet", "oci:image:v1")).trim();
  const name = `${registry.host}/team/app`;
  for (const tag of ["v1", "v2", "latest"]) await podman("push", "--tls-verify=false", id, `${name}:${tag}`);
  const table = await podman("search", "--list-tags", "--tls-verify=false", name);
  const listed = table.trim().split("\n").slice(1);
  assert.deepEqual(listed.map((line) => line.split(/\s+/)[1]).sort(), ["latest", "v1", "v2"]);

  await podman("rmi", "--force", id);
  // With --all-tags, podman 4 overlooks --tls-verify.
  const configuration = join(work.folder("home/.config/containers"), "registries.conf");
  await writeFile(configuration, `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`);
  await podman("pull", "--quiet", "--all-tags", name);
  const names = await podman("images", "--format", "{{.Tag}}", name);
  assert.deepEqual(names.trim().split("\n").sort(), ["latest", "v1", "v2"]);
});

test("podman pushes a manifest list and pulls one platform of it", needs("podman"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const podman = podmanIn(work);
  await podman("manifest", "create", "both");
  for (const image of [smallImage, smallArmImage]) {
    writeLayout(work.folder(image.architecture), "v1", [image]);
    await podman("manifest", "add", "both", `oci:${image.architecture}:v1`);
  }
  const name = `${registry.host}/team/app:both`;
  await podman("manifest", "push", "--all", "--tls-verify=false", "both", `docker://${name}`);
  const index = (await (await registry.get("team/app/manifests/both")).json()) as {
    manifests: { platform: { architecture: string } }[];
  };
  assert.deepEqual(index.manifests.map(({ platform }) => platform.architecture).sort(), ["amd64", "arm64"]);

  const id = await podman("pull", "--quiet", "--arch=arm64", "--tls-verify=false", name);
  await assertUnpacked(smallArmImage, (await podman("image", "mount", id.trim())).trim());
});
