import assert from "node:assert/strict";
import { test } from "node:test";
import { releases, withRelease } from "../import/distribution.ts";
import { startCache, upstreamItem } from "../pull-through/cache.ts";
import { startDistributionUpstream } from "../upstreams/distribution-upstream.ts";
import { freshBytes, oci } from "../harness/registry-client.ts";
import { isWhole, registriesPlace, signedIn } from "./registries-place.ts";

const [debian] = releases;

test(
  "an upstream's image comes through the cache, is held there by links, and is found without asking anybody",
  withRelease(debian),
  async () => {
    await using upstream = await startDistributionUpstream(debian);
    const image = oci.image({ layers: [freshBytes(2_000_000), freshBytes(1_000)] });
    const index = oci.index({
      manifests: [{ ...image.descriptor, platform: { os: "linux", architecture: "amd64" } }],
    });
    await upstream.push("library/busybox", "latest", index, image);
    await using cache = await startCache(upstream);
    const upstreams = [upstreamItem({ name: "docker.io", url: upstream.url })];
    await using place = await registriesPlace(cache.berth, { upstreams });
    assert.equal(await place.find("busybox"), undefined);

    const found = await place.pull("busybox");
    assert.equal(found.manifest, image.digest);
    assert.equal(found.named, index.digest);
    assert.ok(await isWhole(place, found));
    assert.deepEqual(await place.ownBlobs(), []);
    assert.deepEqual(place.steps.at(-1)?.state, "moved");
    assert.equal(upstream.front.requests("blob", "GET").length, 3, "each once");

    upstream.front.forget();
    const again = await place.find("busybox");
    assert.equal(again?.manifest, image.digest);
    await upstream.front.close();
    assert.ok(await isWhole(place, found));
    assert.equal(upstream.front.connections, 0);
    const { host } = new URL(cache.berth.url);
    assert.equal((await place.find(`${host}/docker.io/library/busybox`))?.manifest, image.digest);
    await upstream.front.open();
    assert.equal((await place.pull(`${host}/docker.io/library/busybox`)).manifest, image.digest);
    await assert.rejects(place.pull("busybox:nope"), {
      code: "engine-missing",
      message: /^manifest for busybox:nope not found: manifest unknown: /,
    });
  },
);

test(
  "with credentials for the upstream it is asked straight, and the cache gets nothing of it",
  withRelease(debian),
  async () => {
    const account = { name: "carol", secret: "the secret" };
    await using upstream = await startDistributionUpstream(debian, account);
    const image = oci.image();
    await upstream.push("private/app", "1", image);
    await using cache = await startCache(upstream);
    const upstreams = [upstreamItem({ name: "docker.io", url: upstream.url })];
    await using place = await registriesPlace(cache.berth, { upstreams });
    await assert.rejects(place.pull("private/app:1"), /^AppError: unavailable: docker.io doesn't /);
    const found = await place.pull("private/app:1", signedIn(account, "https://index.docker.io/v1/"));
    assert.ok(await isWhole(place, found));
    assert.equal((await place.ownBlobs()).length, 3);
    assert.equal(await place.find("private/app:1"), undefined, "nobody else finds it");
  },
);

test(
  "without a running registry the upstream is asked straight; a name that isn't configured means nothing here",
  withRelease(debian),
  async () => {
    await using upstream = await startDistributionUpstream(debian);
    await upstream.push("library/busybox", "latest", oci.image());
    await using cache = await startCache(upstream, { push: "allow" });
    const upstreams = [upstreamItem({ name: "docker.io", url: upstream.url })];
    const { data } = cache.berth;
    await cache.client.push("docker.io/library/busybox", oci.image(), "mine");
    await using plain = await registriesPlace(cache.berth);
    assert.equal(
      await plain.find("busybox:mine"),
      undefined,
      "who may push there doesn't say what docker.io is",
    );
    await using shadowed = await registriesPlace(cache.berth, {
      upstreams: [upstreamItem({ name: "docker.io", url: upstream.url, push: "allow" })],
    });
    assert.ok(await shadowed.find("busybox:mine"));
    await using alone = await registriesPlace(
      { url: "http://127.0.0.1:9", data: `${data}/nothing` },
      { upstreams },
    );
    const found = await alone.pull("busybox");
    assert.ok(await isWhole(alone, found));
    assert.equal((await alone.ownBlobs()).length, 3);
  },
);
