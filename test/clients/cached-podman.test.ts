import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { plainUpstream, upstreamKinds } from "../upstreams/kinds.ts";
import { assertFetchedOnce, pullColdWarmStopped, startCache, type Cache } from "./harness/cache.ts";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { podmanIn, skopeoIn } from "./harness/image-tool.ts";
import { layoutImage } from "./harness/layout-image.ts";
import { writeLayout } from "./harness/oci-layout.ts";
import { assertSameContent, assertUnpacked } from "./harness/same-content.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

for (const kind of upstreamKinds) {
  const options = kind.needed.skip === false ? needs("podman") : kind.needed;
  test(`podman with a mirror pulls from ${kind.name}, also when it is stopped`, options, async () => {
    await using work = workplace();
    await using upstream = await kind.start();
    const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
    await upstream.pushLayout("library/app", layout);
    await using cache = await startCache(work, upstream);
    mirrorByPath(work, cache);
    const podman = podmanIn(work);
    const pull = async (name: string) => {
      await podman("rmi", "--all", "--force");
      const id = (await podman("pull", "--quiet", name)).trim();
      assert.equal(`sha256:${id}`, layoutImage(layout).id);
      await assertUnpacked(smallImage, (await podman("image", "mount", id)).trim());
    };
    await pullColdWarmStopped(upstream, layoutImage(layout), () => pull("docker.io/library/app:v1"));
    // Unqualified, which podman takes for Docker Hub's.
    const known = { digests: [], bytes: 0 };
    await pullColdWarmStopped(upstream, known, () => pull("app:v1"));
    await pullColdWarmStopped(upstream, known, () => pull(`docker.io/library/app@${layout.digest}`));
  });
}

test("podman fetches only the platform that it pulls from the upstream", skip("podman"), async () => {
  await using work = workplace();
  await using upstream = await plainUpstream.start();
  const layout = writeLayout(work.folder("image"), "both", [smallImage, smallArmImage]);
  await upstream.pushLayout("library/app", layout);
  await using cache = await startCache(work, upstream);
  mirrorByPath(work, cache);
  const podman = podmanIn(work);
  for (const [n, image] of [smallImage, smallArmImage].entries()) {
    upstream.front.forget();
    const id = await podman("pull", "--quiet", `--arch=${image.architecture}`, "docker.io/library/app:both");
    await assertUnpacked(image, (await podman("image", "mount", id.trim())).trim());
    assertFetchedOnce(upstream, layoutImage(layout, n));
  }
});

test("podman pushes below an upstream's name only where that is allowed", skip("podman"), async () => {
  await using work = workplace();
  await using upstream = await plainUpstream.start();
  const own = writeLayout(work.folder("own"), "v1", [{ ...smallImage, seed: "own" }]);
  await upstream.pushLayout("library/app", writeLayout(work.folder("image"), "v1", [smallImage]));
  const podman = podmanIn(work);
  const id = (await podman("pull", "--quiet", "oci:own:v1")).trim();
  const push = ({ host }: Cache) =>
    podman("push", "--tls-verify=false", id, `docker://${host}/docker.io/library/app:v1`);
  {
    await using cache = await startCache(work, upstream);
    await assert.rejects(push(cache), /denied: .*docker\.io/);
  }
  await using cache = await startCache(work, upstream, { push: "allow" });
  await push(cache);
  // What was pushed stands before the upstream's on its path, and nowhere else.
  const pull = async (name: string) => {
    await podman("rmi", "--all", "--force");
    return (await podman("pull", "--quiet", "--tls-verify=false", name)).trim();
  };
  assert.equal(`sha256:${await pull(`${cache.host}/docker.io/library/app:v1`)}`, layoutImage(own).id);
  assert.notEqual(`sha256:${await pull(`${cache.mirror}/library/app:v1`)}`, layoutImage(own).id);
});

test(
  "skopeo copies, inspects and lists by path, also with the upstream stopped",
  skip("skopeo"),
  async () => {
    await using work = workplace();
    await using upstream = await plainUpstream.start();
    const layout = writeLayout(work.folder("image"), "both", [smallImage, smallArmImage]);
    await upstream.pushLayout("library/app", layout);
    await upstream.pushLayout("library/app", layout, "other");
    await using cache = await startCache(work, upstream);
    const skopeo = skopeoIn(work);
    const name = `docker://${cache.host}/docker.io/library/app`;
    const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    const both = [layoutImage(layout, 0), layoutImage(layout, 1)];
    const blobs = {
      digests: both.flatMap(({ digests }) => digests),
      bytes: both.reduce((sum, { bytes }) => sum + bytes, 0),
    };
    await pullColdWarmStopped(upstream, blobs, async () => {
      rmSync(work.folder("pulled"), { recursive: true });
      await skopeo("copy", "--all", ...plain, `${name}:both`, `oci:${work.folder("pulled")}:both`);
      await assertSameContent(layout, work.folder("pulled"));
    });
    const listed = JSON.parse(await skopeo("list-tags", "--tls-verify=false", name)) as { Tags: string[] };
    // In the upstream's own order.
    assert.deepEqual(listed.Tags.sort(), ["both", "other"]);
    await upstream.stop();
    const text = await skopeo(
      "inspect",
      "--no-tags",
      "--tls-verify=false",
      "--override-arch=arm64",
      `${name}:both`,
    );
    const image = JSON.parse(text) as { Digest: string; Architecture: string; Layers: string[] };
    assert.deepEqual([image.Digest, image.Architecture], [layout.digest, "arm64"]);
    assert.deepEqual(image.Layers, both[1]?.digests.slice(1));
  },
);

/** registries.conf by which Docker Hub's images come from below `docker.io/` of the cache. */
function mirrorByPath(work: Workplace, { host }: Cache): void {
  writeFileSync(
    join(work.folder("home/.config/containers"), "registries.conf"),
    `unqualified-search-registries = ["docker.io"]
[[registry]]
prefix = "docker.io"
location = "docker.io"
[[registry.mirror]]
location = "${host}/docker.io"
insecure = true
`,
  );
}

function skip(client: string) {
  return plainUpstream.needed.skip === false ? needs(client) : plainUpstream.needed;
}
