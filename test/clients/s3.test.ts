import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { bucketContent } from "../s3/bucket-content.ts";
import { startRgw, withRgw, type Rgw } from "../s3/rgw.ts";
import { s3Storage } from "../s3/s3-section.ts";
import { startContainerd } from "./harness/containerd.ts";
import { writeDockerArchive } from "./harness/docker-archive.ts";
import { startDockerd } from "./harness/dockerd.ts";
import { smallArmImage, smallImage, type ImageContent } from "./harness/image-content.ts";
import { podmanIn, skopeoIn } from "./harness/image-tool.ts";
import { layoutArchive, writeLayout } from "./harness/oci-layout.ts";
import { startRegistry, type Registry } from "./harness/registry.ts";
import { assertSameContent, assertUnpacked } from "./harness/same-content.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];

interface Setting {
  work: Workplace;
  registry: Registry;
  /** Its layers are above a part's size, so that they go in parts. */
  image: ImageContent;
  name: string;
}

/** Of a GET that follows no redirect. */
async function statusOfALayer(registry: Registry): Promise<number> {
  type Manifest = { manifests?: { digest: string }[]; layers?: { digest: string }[] };
  const manifest = async (reference: string) =>
    (await (await registry.get(`team/app/manifests/${reference}`)).json()) as Manifest;
  const tagged = await manifest("v1");
  const [first] = tagged.manifests ?? [];
  const [layer] = (first === undefined ? tagged : await manifest(first.digest)).layers ?? [];
  const url = `http://${registry.host}/v2/team/app/blobs/${layer?.digest}`;
  const answer = await fetch(url, { redirect: "manual" });
  await answer.body?.cancel();
  return answer.status;
}

describe("blobs in a bucket", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());

  function each(what: string, client: string, story: (setting: Setting) => Promise<void>): void {
    for (const enabled of [true, false]) {
      const how = enabled ? "by redirects" : "through Berth";
      test(`${what} ${how}`, needs(client), async () => {
        await using work = workplace();
        const bucket = await rgw.bucket();
        const config = { storage: s3Storage(rgw, bucket, { enabled }) };
        await using registry = await startRegistry(work.folder("registry"), { config });
        const image = { ...smallImage, seed: `s3 ${client} ${how}`, layerBytes: 9_000_000 };
        await story({ work, registry, image, name: `${registry.host}/team/app:v1` });
        assert.equal(await statusOfALayer(registry), enabled ? 307 : 200);
        const { keys, blobs, multiparts } = await bucketContent(rgw.client, bucket);
        assert.ok(blobs.length > image.layers);
        assert.deepEqual([keys, multiparts], [blobs, []]);
      });
    }
  }

  each("docker pushes an image and pulls the same one", "docker", async ({ work, image, name }) => {
    await using dockerd = await startDockerd(work);
    const { docker } = dockerd;
    const archive = join(work.path, "image.tar");
    const id = writeDockerArchive(archive, name, image);
    await docker("load", "--input", archive);
    await docker("push", name);
    await docker("rmi", "--force", id);
    await docker("pull", name);
    assert.equal((await docker("images", "--no-trunc", "--quiet", name)).trim(), id);
    await docker("create", "--name", "check", name);
    await docker("cp", "check:/.", work.folder("unpacked"));
    await assertUnpacked(image, work.folder("unpacked"));
  });

  each("ctr pushes an image and pulls the same bytes", "containerd", async ({ work, image, name }) => {
    await using containerd = await startContainerd(work);
    const { ctr } = containerd;
    const layout = writeLayout(work.folder("image"), "v1", [image]);
    const base = ["--no-unpack", "--base-name", name.slice(0, -":v1".length)];
    await ctr("images", "import", ...base, await layoutArchive(work, layout));
    await ctr("images", "push", "--plain-http", name);
    await ctr("images", "rm", "--sync", name);
    assert.equal(await ctr("content", "ls", "--quiet"), "");
    await ctr("images", "pull", "--plain-http", "--snapshotter", "native", name);
    await assertSameContent(layout, containerd.content);
  });

  each("podman pushes an image and pulls the same one", "podman", async ({ work, image, name }) => {
    const podman = podmanIn(work);
    writeLayout(work.folder("image"), "v1", [image]);
    const id = (await podman("pull", "--quiet", "oci:image:v1")).trim();
    await podman("push", "--tls-verify=false", id, name);
    await podman("rmi", "--force", id);
    assert.equal((await podman("pull", "--quiet", "--tls-verify=false", name)).trim(), id);
    await assertUnpacked(image, (await podman("image", "mount", id)).trim());
  });

  each("skopeo pushes an image and copies back the same bytes", "skopeo", async ({ work, image, name }) => {
    const skopeo = skopeoIn(work);
    const layout = writeLayout(work.folder("image"), "v1", [image]);
    await skopeo("copy", ...plain, `oci:${layout.folder}:v1`, `docker://${name}`);
    const pulled = work.folder("pulled");
    await skopeo("copy", ...plain, `docker://${name}`, `oci:${pulled}:v1`);
    await assertSameContent(layout, pulled);
  });

  each("crane pushes a multi-arch image and pulls the same bytes", "crane", async ({ work, image, name }) => {
    const layout = writeLayout(work.folder("image"), "v1", [image, smallArmImage]);
    await work.run("crane", ["push", layout.folder, name]);
    await work.run("crane", ["validate", "--remote", name]);
    await work.run("crane", ["pull", "--format=oci", name, "pulled"]);
    await assertSameContent(layout, work.folder("pulled"));
  });
});
