import assert from "node:assert/strict";
import { test } from "node:test";
import { blobsOf, multiPlatform } from "../pull-through/warm-wanted.ts";
import { oci } from "../harness/registry-content.ts";
import { plainUpstream } from "../upstreams/kinds.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { berth } from "./captured.ts";
import { openMirrorPlace } from "./mirror-place.ts";

const nowhere = { "docker.io": "http://127.0.0.1:9", "quay.io": "http://127.0.0.1:9" };

test("mirrors are added, listed, changed and removed", async () => {
  using place = openMirrorPlace(nowhere);
  assert.match((await place.mirror("list")).stderr, /no mirrors yet: berth mirror add NAME/);
  const added = await place.ok(
    "add",
    "alpine",
    "--tags",
    "3.*",
    "--tags",
    "edge",
    "--platform",
    "linux/amd64",
  );
  assert.match(
    added,
    /^mirror docker\.io\/library\/alpine added: tags 3\.\*, edge; linux\/amd64; every 6h\n/,
  );
  assert.match(added, /no server runs on this data folder/);
  await place.ok("add", "quay.io/team/app", "--referrers", "--every", "90m");
  const mirrors = [
    {
      name: "docker.io/library/alpine",
      tags: ["3.*", "edge"],
      platforms: ["linux/amd64"],
      referrers: false,
      every: "6h",
      synced_at: null,
      next_at: null,
      fault: null,
    },
    {
      name: "quay.io/team/app",
      tags: ["latest"],
      platforms: [],
      referrers: true,
      every: "90m",
      synced_at: null,
      next_at: null,
      fault: null,
    },
  ];
  assert.deepEqual(await place.json("list"), { mirrors });
  const table = await place.ok("list");
  assert.match(table, /^NAME +TAGS +PLATFORMS +REFERRERS +EVERY +SYNCED +NEXT +FAULT\n/);
  assert.match(table, /\ndocker\.io\/library\/alpine +3\.\*,edge +linux\/amd64 +no +6h +never +now +-\n/);

  assert.match(await place.ok("add", "alpine"), /alpine changed: tags latest; all platforms; every 6h/);
  assert.match(await place.ok("remove", "library/alpine"), /^mirror docker\.io\/library\/alpine removed; /);
  assert.deepEqual(await place.json("list"), { mirrors: mirrors.slice(1) });
});

test("a round without a server fetches, and the next one only asks", plainUpstream.needed, async () => {
  await using upstream = await plainUpstream.start();
  const { index, children } = multiPlatform("linux/amd64", "linux/arm64");
  const [amd64] = children;
  await upstream.push("library/app", "v1", index, ...children);
  await upstream.push("library/app", "other", oci.image());
  using place = openMirrorPlace({ "docker.io": upstream.url });
  upstream.front.forget();
  const add = ["add", "app", "--tags", "v*", "--platform", "linux/amd64", "--now"];
  const added = (await place.json(...add)) as { name: string; synced_at: string | null; sync: unknown };
  const bytes =
    index.size + (amd64?.size ?? 0) + (amd64?.blobs ?? []).reduce((sum, blob) => sum + blob.bytes.length, 0);
  const name = "docker.io/library/app";
  assert.deepEqual(added.sync, {
    name,
    images: 1,
    failed: [],
    manifests: { fetched: 2, had: 0 },
    blobs: { fetched: 2, had: 0 },
    bytes,
    changed: false,
    fault: null,
  });
  const fetched = upstream.front.requests("blob", "GET").map(({ reference }) => reference);
  assert.deepEqual(fetched.sort(), amd64 === undefined ? [] : blobsOf(amd64));

  upstream.front.forget();
  assert.equal(await place.ok("sync"), `${name}: 1 image, nothing new, 4 there already\n`);
  assert.deepEqual(upstream.front.requests("blob"), []);
  assert.deepEqual(
    upstream.front.requests("manifest", "GET").filter(({ status }) => status === 200),
    [],
  );
  const { mirrors } = (await place.json("list")) as { mirrors: { synced_at: string; next_at: string }[] };
  const [{ synced_at, next_at }] = mirrors as [{ synced_at: string; next_at: string }];
  assert.ok(Date.parse(next_at) - Date.parse(synced_at) >= 6 * 3_600_000);
});

test("signatures and what refers to the image come when asked, and once", plainUpstream.needed, async () => {
  await using upstream = await plainUpstream.start();
  const image = oci.image();
  const referrer = oci.image({ subject: image.descriptor, artifactType: "application/vnd.example.sbom" });
  const [signature, extra] = [oci.image(), oci.image()];
  const tag = image.digest.replace(":", "-");
  await upstream.push("library/app", "v1", image);
  await upstream.push("library/app", referrer.digest, referrer);
  await upstream.push("library/app", tag, oci.index({ manifests: [referrer.descriptor] }));
  await upstream.push("library/app", `${tag}.sig`, signature);
  await upstream.push("library/app", "w1", extra);
  const came = () => upstream.front.requests("blob", "GET").map(({ reference }) => reference);
  for (const tags of ["v*", "v1"]) {
    using place = openMirrorPlace({ "docker.io": upstream.url });
    await place.ok("add", "app", "--tags", tags);
    upstream.front.forget();
    await place.ok("sync");
    assert.deepEqual(came().sort(), blobsOf(image));
    await place.ok("add", "app", "--tags", tags, "--referrers");
    upstream.front.forget();
    assert.match(await place.ok("sync"), /1 image, \d manifests and 4 blobs fetched/);
    assert.deepEqual(came().sort(), blobsOf(referrer, signature));
    upstream.front.forget();
    assert.match(await place.ok("sync"), /1 image, nothing new/);
    assert.deepEqual(came(), []);
  }
});

test("an image that fails is named, the others come, and the exit code is 1", async () => {
  await using upstream = await startFaultyUpstream();
  const images = [oci.image(), oci.image()];
  images.forEach((image, i) => upstream.add("library/app", image, `v${i}`));
  upstream.remove("library/app", images[0]?.blobs[1]?.digest ?? "");
  using place = openMirrorPlace({ "docker.io": upstream.url });
  await place.ok("add", "app", "--tags", "v*");
  const { code, stdout, stderr } = await place.mirror("sync");
  assert.equal(code, 1);
  assert.match(stderr, /^berth: docker\.io\/library\/app:v0: .*\n$/);
  assert.match(
    stdout,
    /^docker\.io\/library\/app: 2 images, 2 manifests and 3 blobs fetched .*; 1 of 2 images failed/,
  );
  const { mirrors } = (await place.json("list")) as { mirrors: { fault: string }[] };
  assert.match(mirrors[0]?.fault ?? "", /^1 of 2 images failed: /);
  // One that does well.
  upstream.add("library/app", images[0] as never, "v0");
  assert.equal((await place.mirror("sync", "app")).code, 0);
});

test("on a terminal a bar shows how far it is", async () => {
  await using upstream = await startFaultyUpstream();
  upstream.add("library/app", oci.image(), "latest");
  using place = openMirrorPlace({ "docker.io": upstream.url });
  await place.ok("add", "app");
  const argv = ["mirror", "sync", "--config", place.config, "--data", place.data];
  const { stderr } = await berth(argv, { terminal: true });
  assert.match(stderr, /^\rSyncing  0 images/);
  assert.ok(stderr.endsWith("\r\u001b[K"));
});

test("what can't be understood ends with 2, what there isn't with 1, both with words", async () => {
  using place = openMirrorPlace(nowhere);
  const wrong: [number, string[], RegExp][] = [
    [2, ["ad"], /unknown "mirror ad"; did you mean "add"\?/],
    [2, ["add"], /NAME missing/],
    [2, ["add", "alpine:3"], /names a tag or digest/],
    [2, ["add", "alpine", "--every", "10s"], /--every is a minute at least/],
    [2, ["add", "alpine", "--every", "often"], /--every .*is not a duration/],
    [2, ["add", "alpine", "--platform", "amd64"], /--platform "amd64" is not a platform/],
    [2, ["add", "alpine", "--tags", "a/b"], /--tags .*is not a pattern of tags/],
    [
      1,
      ["add", "ghcr.io/acme/app"],
      /of upstream ghcr\.io, which is not configured; there are docker\.io, quay\.io/,
    ],
    [
      1,
      ["remove", "alpine"],
      /docker\.io\/library\/alpine is no mirror; there is none yet: berth mirror add NAME/,
    ],
    [1, ["sync", "alpine"], /is no mirror/],
  ];
  for (const [expected, argv, message] of wrong) {
    const { code, stdout, stderr } = await place.mirror(...argv);
    assert.deepEqual([code, stdout], [expected, ""], `${argv.join(" ")}: ${stderr}`);
    assert.match(stderr, message);
  }
  const bare = await berth(["mirror"]);
  assert.equal(bare.code, 2);
  assert.match(bare.stderr, /say what to do: there are mirror add, mirror sync, mirror list, mirror remove/);
  using none = openMirrorPlace({});
  assert.match((await none.mirror("add", "alpine")).stderr, /none is configured \(section upstreams\)/);
});
