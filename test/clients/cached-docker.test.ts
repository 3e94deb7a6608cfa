import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { plainUpstream, upstreamKinds } from "../upstreams/kinds.ts";
import { assertFetchedOnce, pullColdWarmStopped, startCache, type Cache } from "./harness/cache.ts";
import { writeDockerArchive } from "./harness/docker-archive.ts";
import { startDockerd, type Dockerd } from "./harness/dockerd.ts";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { layoutImage } from "./harness/layout-image.ts";
import { writeLayout, type Layout } from "./harness/oci-layout.ts";
import { assertUnpacked } from "./harness/same-content.ts";
import { workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

for (const kind of upstreamKinds) {
  const options = kind.needed.skip === false ? needs("docker") : kind.needed;
  test(
    `docker pulls from ${kind.name} through registry-mirrors, also when it is stopped`,
    options,
    async () => {
      await using work = workplace();
      await using upstream = await kind.start();
      const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
      await upstream.pushLayout("library/app", layout);
      await using cache = await startCache(work, upstream);
      await using dockerd = await startDockerd(work, { mirrors: [`http://${cache.mirror}`] });
      const image = layoutImage(layout);
      await pullColdWarmStopped(upstream, image, () => pullAnew(dockerd, "app:v1", image.id));
    },
  );
}

test("docker pulls localhost:PORT/docker.io/… by path, also with the upstream stopped", skip(), async () => {
  await using work = workplace();
  await using upstream = await plainUpstream.start();
  const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
  await upstream.pushLayout("library/app", layout);
  await using cache = await startCache(work, upstream);
  await using dockerd = await startDockerd(work);
  const image = layoutImage(layout);
  const name = `${atLocalhost(cache)}/docker.io/library/app`;
  await pullColdWarmStopped(upstream, image, () => pullAnew(dockerd, `${name}:v1`, image.id));
  await pullColdWarmStopped(upstream, { digests: [], bytes: 0 }, () =>
    pullAnew(dockerd, `${name}@${layout.digest}`, image.id),
  );
});

test("docker pulls a tag anew when it moved, and what is there when nobody says so", skip(), async () => {
  await using work = workplace();
  await using upstream = await plainUpstream.start();
  const [old, moved] = ["old", "moved"].map((seed) =>
    writeLayout(work.folder(seed), "v1", [{ ...smallImage, seed }]),
  ) as [Layout, Layout];
  await upstream.pushLayout("library/app", old);
  await using dockerd = await startDockerd(work);
  const pull = ({ host }: Cache, layout: Layout) =>
    pullAnew(dockerd, `${host}/docker.io/library/app:v1`, layoutImage(layout).id);
  const state = async ({ host }: Cache) => {
    const answer = await fetch(`http://${host}/v2/docker.io/library/app/manifests/v1`);
    await answer.arrayBuffer();
    return answer.headers.get("x-cache");
  };
  {
    await using cache = await startCache(work, upstream);
    await pull(cache, old);
    await upstream.pushLayout("library/app", moved);
    await pull(cache, old);
    assert.equal(await state(cache), "HIT");
  }
  // Restarted, so that the TTL is over.
  await using cache = await startCache(work, upstream, { ttl: "0s" });
  await pull(cache, moved);
  upstream.front.forget();
  await pull(cache, moved);
  assertFetchedOnce(upstream, { digests: [], bytes: 0 });
  assert.equal(await state(cache), "REVALIDATED");
  await upstream.stop();
  await pull(cache, moved);
  assert.equal(await state(cache), "STALE");
});

test("docker sees no hosted repository through registry-mirrors", skip(), async () => {
  await using work = workplace();
  await using upstream = await plainUpstream.start();
  const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
  await upstream.pushLayout("library/app", layout);
  await using cache = await startCache(work, upstream);
  await using dockerd = await startDockerd(work, { mirrors: [`http://${cache.mirror}`] });
  const { docker } = dockerd;
  const archive = join(work.path, "hosted.tar");
  const id = writeDockerArchive(archive, "hosted:v1", { ...smallImage, seed: "hosted" });
  await docker("load", "--input", archive);
  for (const repository of ["library/hosted", "team/hosted", "library/app"]) {
    await docker("tag", "hosted:v1", `${cache.host}/${repository}:hosted`);
    await docker("push", `${cache.host}/${repository}:hosted`);
  }
  await docker("rmi", "--force", id);
  // Docker asks Docker Hub itself then, which it can't reach from here.
  const nowhere = /manifest unknown|not found|proxyconnect|failed to resolve|connection refused/;
  for (const name of ["hosted:hosted", "team/hosted:hosted", "app:hosted"])
    await assert.rejects(docker("pull", name), nowhere);
  await pullAnew(dockerd, "app:v1", layoutImage(layout).id);

  const mirror = (path: string) => fetch(`http://${cache.mirror}/v2/${path}`);
  assert.equal((await mirror("library/hosted/manifests/hosted")).status, 404);
  assert.equal((await mirror("library/app/manifests/hosted")).status, 404);
  assert.doesNotMatch(await (await mirror("_catalog")).text(), /hosted/);
});

test("docker is told in words that nobody pushes to an upstream's repository", skip(), async () => {
  await using work = workplace();
  await using upstream = await plainUpstream.start();
  await using cache = await startCache(work, upstream);
  await using dockerd = await startDockerd(work, { mirrors: [`http://${cache.mirror}`] });
  const { docker } = dockerd;
  const archive = join(work.path, "image.tar");
  writeDockerArchive(archive, "mine:v1", smallImage);
  await docker("load", "--input", archive);
  const name = `${atLocalhost(cache)}/docker.io/library/mine:v1`;
  await docker("tag", "mine:v1", name);
  await assert.rejects(docker("push", name), /denied: .*docker\.io/);
  const mirrored = `${cache.mirror}/library/mine:v1`;
  await docker("tag", "mine:v1", mirrored);
  await assert.rejects(docker("push", mirrored), /denied: |unsupported: /);
  assert.equal(await cache.status("docker.io/library/mine/manifests/v1"), 404);
  assert.equal(await cache.status("library/mine/manifests/v1"), 404);
});

test("docker fetches only the platform that it pulls from the upstream", skip(), async () => {
  await using work = workplace();
  await using upstream = await plainUpstream.start();
  const layout = writeLayout(work.folder("image"), "both", [smallImage, smallArmImage]);
  await upstream.pushLayout("library/app", layout);
  await using cache = await startCache(work, upstream);
  await using dockerd = await startDockerd(work, { mirrors: [`http://${cache.mirror}`] });
  const { front } = upstream;
  for (const [n, { architecture }] of [smallImage, smallArmImage].entries()) {
    const image = layoutImage(layout, n);
    front.forget();
    await pullAnew(dockerd, "app:both", image.id, `--platform=linux/${architecture}`);
    assertFetchedOnce(upstream, image);
    const others = layout.manifests.filter((digest) => digest !== image.digest);
    const asked = front.requests("manifest").map(({ reference }) => reference);
    assert.deepEqual(
      others.filter((digest) => asked.includes(digest)),
      [],
    );
  }
});

test(
  "docker pulls a cold image of 57 MB, each byte of which comes from the upstream once",
  skip(),
  async () => {
    await using work = workplace();
    await using upstream = await plainUpstream.start();
    const big = { ...smallImage, layers: 6, layerBytes: 9_500_000 };
    const layout = writeLayout(work.folder("image"), "v1", [big]);
    await upstream.pushLayout("team/big", layout);
    await using cache = await startCache(work, upstream);
    await using dockerd = await startDockerd(work, { mirrors: [`http://${cache.mirror}`] });
    const image = layoutImage(layout);
    await pullColdWarmStopped(upstream, image, async () => {
      await pullAnew(dockerd, "team/big:v1", image.id);
      await dockerd.docker("create", "--name", "check", "team/big:v1");
      const unpacked = work.folder("unpacked");
      await dockerd.docker("cp", "check:/.", unpacked);
      await assertUnpacked(big, unpacked);
      await dockerd.docker("rm", "check");
    });
  },
);

/** Pulls it when nothing of it is there; the id says that every byte is right, for Docker checks the digests. */
async function pullAnew({ docker }: Dockerd, name: string, id: string, ...options: string[]): Promise<void> {
  const known = (await docker("images", "--all", "--quiet", "--no-trunc")).split("\n").filter((line) => line);
  if (known.length > 0) await docker("rmi", "--force", ...new Set(known));
  await docker("pull", ...options, name);
  assert.equal((await docker("images", "--no-trunc", "--quiet")).trim(), id);
}

function atLocalhost({ host }: Cache): string {
  return host.replace("127.0.0.1", "localhost");
}

function skip() {
  return plainUpstream.needed.skip === false ? needs("docker") : plainUpstream.needed;
}
