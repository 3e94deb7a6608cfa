import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { findProgram } from "./find-program.ts";
import { writeDockerArchive } from "./harness/docker-archive.ts";
import { startDockerd } from "./harness/dockerd.ts";
import { bigImage, smallArmImage, smallImage } from "./harness/image-content.ts";
import { startRegistry } from "./harness/registry.ts";
import { assertUnpacked } from "./harness/same-content.ts";
import { tarArchive } from "./harness/tar.ts";
import { workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test(
  "docker imports busybox, pushes it and pulls it after a restart",
  needs("docker", "busybox"),
  async () => {
    await using work = workplace();
    await using dockerd = await startDockerd(work);
    const { docker } = dockerd;
    const busybox = await readFile(findProgram("busybox") ?? "");
    const archive = join(work.path, "busybox.tar");
    await writeFile(archive, tarArchive([{ name: "bin/busybox", bytes: busybox, mode: 0o755 }]));
    const id = (await docker("import", "--change", 'CMD ["/bin/busybox"]', archive, "busybox")).trim();
    let digest: string;
    {
      await using registry = await startRegistry(work.folder("registry"));
      const name = `${registry.host}/busybox:1.35`;
      await docker("tag", "busybox", name);
      const said = await docker("push", name);
      digest = await registry.digest("busybox", "1.35");
      assert.match(said, new RegExp(`1\\.35: digest: ${digest} size: `));
    }
    await docker("rmi", "--force", id);

    await using registry = await startRegistry(work.folder("registry"));
    const name = `${registry.host}/busybox:1.35`;
    assert.match(await docker("pull", name), new RegExp(`Digest: ${digest}`));
    assert.equal((await docker("images", "--no-trunc", "--quiet", name)).trim(), id);
    await docker("create", "--name", "check", name);
    await docker("cp", "check:/bin/busybox", join(work.path, "busybox"));
    assert.deepEqual(await readFile(join(work.path, "busybox")), busybox);
  },
);

test("docker pushes all tags of an image and pulls all of them", needs("docker"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  await using dockerd = await startDockerd(work);
  const { docker } = dockerd;
  const name = `${registry.host}/team/app`;
  const archive = join(work.path, "image.tar");
  const id = writeDockerArchive(archive, `${name}:v1`, smallImage);
  await docker("load", "--input", archive);
  await docker("tag", `${name}:v1`, `${name}:v2`);
  await docker("push", "--all-tags", name);
  assert.deepEqual(await registry.tags("team/app"), ["v1", "v2"]);

  await docker("rmi", "--force", id);
  await docker("pull", "--all-tags", name);
  const tags = await docker("images", "--format", "{{.Tag}}", name);
  assert.deepEqual(tags.trim().split("\n").sort(), ["v1", "v2"]);
  await docker("create", "--name", "check", `${name}:v2`);
  const unpacked = work.folder("unpacked");
  await docker("cp", "check:/.", unpacked);
  await assertUnpacked(smallImage, unpacked);
});

test("docker takes layers over from another repository of the registry", needs("docker"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  await using dockerd = await startDockerd(work);
  const { docker } = dockerd;
  const archive = join(work.path, "image.tar");
  writeDockerArchive(archive, "image:v1", smallImage);
  await docker("load", "--input", archive);
  const push = async (repository: string) => {
    await docker("tag", "image:v1", `${registry.host}/${repository}:v1`);
    return docker("push", `${registry.host}/${repository}:v1`);
  };
  await push("team/first");
  assert.match(await push("team/second"), /Mounted from team\/first/);
  assert.equal(await registry.digest("team/second", "v1"), await registry.digest("team/first", "v1"));
});

test("docker pushes a manifest list and pulls the platform asked for", needs("docker"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  await using dockerd = await startDockerd(work);
  const { docker } = dockerd;
  const name = `${registry.host}/team/app`;
  const ids = new Map<string, string>();
  for (const image of [smallImage, smallArmImage]) {
    const archive = join(work.path, `${image.architecture}.tar`);
    ids.set(image.architecture, writeDockerArchive(archive, `${name}:${image.architecture}`, image));
    await docker("load", "--input", archive);
    await docker("push", `${name}:${image.architecture}`);
  }
  await docker("manifest", "create", "--insecure", `${name}:both`, `${name}:amd64`, `${name}:arm64`);
  await docker("manifest", "push", "--insecure", `${name}:both`);
  for (const [architecture, id] of ids) await docker("rmi", "--force", id, `${name}:${architecture}`);
  for (const [architecture, id] of ids) {
    await docker("pull", "--platform", `linux/${architecture}`, `${name}:both`);
    assert.equal((await docker("images", "--no-trunc", "--quiet", `${name}:both`)).trim(), id);
  }
});

test("docker pushes and pulls an image of six layers and 570 MB", needs("docker"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  await using dockerd = await startDockerd(work);
  const { docker } = dockerd;
  const name = `${registry.host}/big:v1`;
  const archive = join(work.path, "big.tar");
  const id = writeDockerArchive(archive, name, bigImage);
  await docker("load", "--input", archive);
  await docker("push", name);
  await docker("rmi", "--force", id);
  await docker("pull", name);
  // The id is the configuration's digest, which names the digest of every layer; docker checks them.
  assert.equal((await docker("images", "--no-trunc", "--quiet", name)).trim(), id);
});
