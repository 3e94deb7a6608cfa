import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { plainUpstream, upstreamKinds } from "../upstreams/kinds.ts";
import { assertFetchedOnce, pullColdWarmStopped, startCache } from "./harness/cache.ts";
import { startContainerd, type Containerd } from "./harness/containerd.ts";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { layoutImage } from "./harness/layout-image.ts";
import { writeLayout } from "./harness/oci-layout.ts";
import { assertSameContent } from "./harness/same-content.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";
import { until } from "../pull-through/until.ts";

for (const kind of upstreamKinds) {
  const options = kind.needed.skip === false ? needs("containerd") : kind.needed;
  test(`ctr with hosts.toml pulls from ${kind.name}, also when it is stopped`, options, async () => {
    await using work = workplace();
    await using upstream = await kind.start();
    const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
    await upstream.pushLayout("library/app", layout);
    await using cache = await startCache(work, upstream);
    await using containerd = await startContainerd(work);
    const pull = ctrPull(containerd, sendTo(work, "docker.io", cache.host));
    await pullColdWarmStopped(upstream, layoutImage(layout), async () => {
      await pull("docker.io/library/app:v1");
      await assertSameContent(layout, containerd.content);
    });
    await pullColdWarmStopped(upstream, { digests: [], bytes: 0 }, async () => {
      await pull(`docker.io/library/app@${layout.digest}`);
      await assertSameContent(layout, containerd.content);
    });
  });
}

test("ctr looks only at the upstream of the name that it sends", skip(), async () => {
  await using work = workplace();
  await using upstream = await plainUpstream.start();
  const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
  await upstream.pushLayout("library/app", layout);
  await using cache = await startCache(work, upstream, { aliases: ["registry-1.docker.io"] });
  await using containerd = await startContainerd(work);
  const { ctr } = containerd;
  await ctrPull(containerd, sendTo(work, "docker.io", cache.host))("docker.io/library/app:v1");
  for (const hosted of ["library/hosted", "docker.io.hosted/app"]) {
    await ctr("images", "tag", "--force", "docker.io/library/app:v1", `${cache.host}/${hosted}:v1`);
    await ctr("images", "push", "--plain-http", `${cache.host}/${hosted}:v1`);
  }

  // The hosted one isn't there, and a name that nobody configured leads nowhere, least of all to that host.
  const pull = ctrPull(containerd, sendTo(work, "docker.io", cache.host));
  await assert.rejects(pull("docker.io/library/hosted:v1"), /not found/);
  for (const unknown of ["nowhere.example", "127.0.0.1:1", upstream.host, "169.254.169.254"]) {
    upstream.front.forget();
    const lost = ctrPull(containerd, sendTo(work, unknown, cache.host));
    await assert.rejects(lost(`${unknown}/library/app:v1`), /not found/);
    assert.equal(upstream.front.connections, 0, unknown);
  }
});

test("what comes for ?ns= says so in OCI-Namespace", skip(), async () => {
  await using work = workplace();
  await using upstream = await plainUpstream.start();
  const layout = writeLayout(work.folder("image"), "v1", [smallImage]);
  await upstream.pushLayout("library/app", layout);
  await using cache = await startCache(work, upstream, { aliases: ["registry-1.docker.io"] });
  const ask = async (path: string, method = "GET") => {
    const answer = await fetch(`http://${cache.host}/v2/${path}`, { method });
    await answer.arrayBuffer();
    return [answer.status, answer.headers.get("oci-namespace"), answer.headers.get("x-cache")];
  };
  const manifest = "library/app/manifests/v1?ns=docker.io";
  assert.deepEqual(await ask(manifest, "HEAD").then(([status, name]) => [status, name]), [200, "docker.io"]);
  assert.deepEqual((await ask(manifest)).slice(0, 2), [200, "docker.io"]);
  assert.deepEqual(await ask(manifest), [200, "docker.io", "HIT"]);
  const blob = `library/app/blobs/${layoutImage(layout).id}`;
  assert.deepEqual(await ask(`${blob}?ns=docker.io`), [200, "docker.io", "MISS"]);
  await until(async () => (await ask(`${blob}?ns=docker.io`)).join() === "200,docker.io,HIT");
  assert.deepEqual((await ask("library/app/tags/list?ns=docker.io")).slice(0, 2), [200, "docker.io"]);
  // By an alias, and by path.
  const aliased = await ask("library/app/manifests/v1?ns=registry-1.docker.io");
  assert.deepEqual([aliased[0], aliased[2]], [200, "HIT"]);
  assert.deepEqual(await ask("docker.io/library/app/manifests/v1"), [200, null, "HIT"]);
  // Nobody's.
  assert.deepEqual(await ask("library/app/manifests/v1"), [404, null, null]);
  for (const unknown of ["nowhere.example", upstream.host, "localhost%3A1", "", "..", "docker.io%2Flibrary"])
    assert.equal((await ask(`library/app/manifests/v1?ns=${unknown}`))[0], 404, unknown);
});

test("ctr fetches only the platform that it pulls from the upstream", skip(), async () => {
  await using work = workplace();
  await using upstream = await plainUpstream.start();
  const layout = writeLayout(work.folder("image"), "both", [smallImage, smallArmImage]);
  await upstream.pushLayout("library/app", layout);
  await using cache = await startCache(work, upstream);
  await using containerd = await startContainerd(work);
  const pull = ctrPull(containerd, sendTo(work, "docker.io", cache.host));
  for (const [n, { architecture }] of [smallImage, smallArmImage].entries()) {
    upstream.front.forget();
    await pull("docker.io/library/app:both", "--platform", `linux/${architecture}`);
    assertFetchedOnce(upstream, layoutImage(layout, n));
  }
  const all = ["content", "fetch", "--all-platforms", "--hosts-dir", work.folder("hosts")];
  await forgetAll(containerd);
  upstream.front.forget();
  await containerd.ctr(...all, "docker.io/library/app:both");
  await assertSameContent(layout, containerd.content);
  assert.equal(upstream.front.seen.length, 0);
});

/** hosts.toml that sends what is asked of `name` to the registry there. Gives the folder for --hosts-dir. */
function sendTo(work: Workplace, name: string, host: string): string {
  const url = `http://${host}`;
  rmSync(work.folder("hosts"), { recursive: true });
  writeFileSync(
    join(work.folder(join("hosts", name)), "hosts.toml"),
    `server = "${url}"\n[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`,
  );
  return work.folder("hosts");
}

/** `ctr images pull` of an image of which nothing is there. */
function ctrPull(containerd: Containerd, hosts: string) {
  return async (name: string, ...options: string[]) => {
    await forgetAll(containerd);
    const how = ["--snapshotter", "native", "--hosts-dir", hosts, ...options];
    await containerd.ctr("images", "pull", ...how, name);
  };
}

async function forgetAll({ ctr }: Containerd): Promise<void> {
  const names = (await ctr("images", "ls", "--quiet")).split("\n").filter((name) => name !== "");
  if (names.length > 0) await ctr("images", "rm", "--sync", ...names);
  assert.equal(await ctr("content", "ls", "--quiet"), "");
}

function skip() {
  return plainUpstream.needed.skip === false ? needs("containerd") : plainUpstream.needed;
}
