import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startRgw, withRgw, type Rgw } from "../s3/rgw.ts";
import { s3Storage } from "../s3/s3-section.ts";
import { startContainerd } from "./harness/containerd.ts";
import { writeDockerArchive } from "./harness/docker-archive.ts";
import { startDockerd } from "./harness/dockerd.ts";
import { passwordOf, startGuardedRegistry, type GuardedRegistry } from "./harness/guarded-registry.ts";
import { smallImage } from "./harness/image-content.ts";
import { podmanIn, skopeoIn } from "./harness/image-tool.ts";
import { layoutArchive, writeLayout } from "./harness/oci-layout.ts";
import { assertSameContent, assertUnpacked } from "./harness/same-content.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

const image = { ...smallImage, seed: "s3 signed in", layerBytes: 6_000_000 };
const user = "owner";
const password = passwordOf(user);

/**
 * A signed URL and a token are two signatures, which S3 refuses with 400. A plain client in Go sends the token along
 * to the same host name, whatever its port; here the bucket is on the registry's host, and these clients don't.
 */
describe("signed-in clients are sent to a bucket", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());

  async function start(work: Workplace): Promise<GuardedRegistry & { name: string }> {
    const storage = s3Storage(rgw, await rgw.bucket(), { enabled: true });
    const registry = await startGuardedRegistry(work, {}, { storage });
    return { ...registry, name: `${registry.host}/team/app:1.0.0` };
  }

  test("docker", needs("docker"), async () => {
    await using work = workplace();
    await using dockerd = await startDockerd(work);
    await using registry = await start(work);
    const { docker } = dockerd;
    const { name } = registry;
    const archive = join(work.path, "image.tar");
    const id = writeDockerArchive(archive, name, image);
    await docker("load", "--input", archive);
    await docker("login", "-u", user, "-p", password, registry.host);
    await docker("push", name);
    await docker("rmi", "--force", id);
    await docker("pull", name);
    assert.equal((await docker("images", "--no-trunc", "--quiet", name)).trim(), id);
  });

  test("ctr", needs("containerd"), async () => {
    await using work = workplace();
    await using containerd = await startContainerd(work);
    await using registry = await start(work);
    const { ctr } = containerd;
    const { name } = registry;
    const layout = writeLayout(work.folder("image"), "1.0.0", [image]);
    const how = ["--plain-http", "--user", `${user}:${password}`];
    const base = ["--no-unpack", "--base-name", name.slice(0, -":1.0.0".length)];
    await ctr("images", "import", ...base, await layoutArchive(work, layout));
    await ctr("images", "push", ...how, name);
    await ctr("images", "rm", "--sync", name);
    await ctr("images", "pull", ...how, "--snapshotter", "native", name);
    await assertSameContent(layout, containerd.content);
  });

  test("podman", needs("podman"), async () => {
    await using work = workplace();
    await using registry = await start(work);
    const { name } = registry;
    const podman = podmanIn(work);
    const login = ["--tls-verify=false", "-u", user, "-p", password];
    await podman("login", ...login, registry.host);
    writeLayout(work.folder("image"), "v1", [image]);
    const id = (await podman("pull", "--quiet", "oci:image:v1")).trim();
    await podman("push", "--tls-verify=false", id, name);
    await podman("rmi", "--force", id);
    assert.equal((await podman("pull", "--quiet", "--tls-verify=false", name)).trim(), id);
    await assertUnpacked(image, (await podman("image", "mount", id)).trim());
  });

  test("skopeo", needs("skopeo"), async () => {
    await using work = workplace();
    await using registry = await start(work);
    const { name } = registry;
    const skopeo = skopeoIn(work);
    await skopeo("login", "--tls-verify=false", "-u", user, "-p", password, registry.host);
    const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    const layout = writeLayout(work.folder("image"), "v1", [image]);
    await skopeo("copy", ...plain, `oci:${layout.folder}:v1`, `docker://${name}`);
    const pulled = work.folder("pulled");
    await skopeo("copy", ...plain, `docker://${name}`, `oci:${pulled}:v1`);
    await assertSameContent(layout, pulled);
  });
});
