import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { volumesPlace } from "./harness/volumes-place.ts";

const filters = (entries: Record<string, string[]>) => new Map(Object.entries(entries));

test("volumes are made, found again, listed and removed", async (context) => {
  const { volumes, events, own, again } = await volumesPlace(context);
  const { volume, mountpoint } = await volumes.create({
    Name: "ab",
    Driver: "local",
    Labels: { k: "v" },
    DriverOpts: null,
  });
  assert.equal(mountpoint, join(own, "volumes/ab/_data"));
  assert.match(volume.created, /^\d{4}-.*Z$/);
  assert.deepEqual(
    (await volumes.create({ Name: "ab", Labels: { other: "x" } })).volume,
    volume,
    "it is there already",
  );
  const unnamed = (await volumes.create({})).volume;
  assert.match(unnamed.name, /^[0-9a-f]{64}$/);
  assert.ok(unnamed.anonymous);
  await volumes.create({ Name: "option" });
  const names = async (entries: Record<string, string[]>) =>
    (await (await again()).list(filters(entries))).map(({ volume: { name } }) => name);
  assert.deepEqual((await names({})).sort(), [unnamed.name, "ab", "option"].sort());
  assert.deepEqual(await names({ name: ["op"] }), ["option"]);
  assert.deepEqual(await names({ label: ["k=v"] }), ["ab"]);
  assert.deepEqual(await names({ label: ["k=v", "x"] }), []);
  assert.deepEqual(await names({ dangling: ["false"] }), []);
  assert.equal((await names({ dangling: ["1"], driver: ["local"] })).length, 3);
  await volumes.remove("ab", false);
  assert.ok(!existsSync(join(own, "volumes/ab")));
  await assert.rejects(volumes.remove("ab", false), {
    code: "engine-missing",
    message: "get ab: no such volume",
  });
  await assert.rejects(volumes.inspect("ab"), { code: "engine-missing", message: "get ab: no such volume" });
  await volumes.remove("ab", true);
  assert.deepEqual(
    events.map(({ action, id }) => [action, id]).filter(([, id]) => id === "ab"),
    [
      ["create", "ab"],
      ["destroy", "ab"],
    ],
  );
});

test("bodies, names, drivers, options and filters that are none", async (context) => {
  const { volumes, own } = await volumesPlace(context);
  const refused: readonly [body: Record<string, unknown>, code: string, message: RegExp][] = [
    [{ Name: "a" }, "engine-invalid", /^create a: volume name is too short/],
    [{ Name: "../x" }, "engine-invalid", /^create \.\.\/x: "\.\.\/x" includes invalid characters/],
    [{ Name: ".." }, "engine-invalid", /invalid characters/],
    [{ Name: "-x" }, "engine-invalid", /invalid characters/],
    [{ Name: "a\nb" }, "engine-invalid", /invalid characters/],
    [{ Name: "x".repeat(256) }, "engine-invalid", /too long/],
    [
      { Name: 5 },
      "engine-invalid",
      /^json: cannot unmarshal number into Go struct field VolumeCreateBody.Name of type string$/,
    ],
    [{ Name: "xx", Labels: { a: 5 } }, "engine-invalid", /^json: /],
    [{ Name: "xx", DriverOpts: [] }, "engine-invalid", /^json: /],
    [
      { Name: "zz", Driver: "nosuch" },
      "engine-missing",
      /^create zz: error looking up volume plugin nosuch: plugin "nosuch" not found$/,
    ],
    [{ Name: "opt", DriverOpts: { foo: "bar" } }, "engine-invalid", /^create opt: invalid option: "foo"$/],
    [
      { Name: "opt", DriverOpts: { type: "tmpfs" } },
      "engine-invalid",
      /^create opt: missing required option: "device"$/,
    ],
    [
      { Name: "opt", DriverOpts: { size: "1" } },
      "engine-invalid",
      /quota size requested but no quota support/,
    ],
  ];
  for (const [body, code, message] of refused)
    await assert.rejects(volumes.create(body), { code, message }, JSON.stringify(body));
  assert.deepEqual(await readdir(join(own, "volumes")), []);
  await assert.rejects(volumes.list(filters({ foo: ["x"] })), {
    code: "engine-invalid",
    message: "invalid filter 'foo'",
  });
  await assert.rejects(volumes.list(filters({ dangling: ["x"] })), {
    code: "engine-invalid",
    message: "invalid filter 'dangling=x'",
  });
  await assert.rejects(volumes.prune(filters({ name: ["x"] })), { code: "engine-invalid" });
});

test("a volume in use stays, whoever asks, and goes when nobody has it", async (context) => {
  const { volumes, make, remove } = await volumesPlace(context);
  const one = await make({ Binds: ["vol1:/a"] });
  const two = await make({ VolumesFrom: [one.name] });
  for (const force of [false, true])
    await assert.rejects(volumes.remove("vol1", force), {
      code: "engine-conflict",
      message: `remove vol1: volume is in use - [${one.id}, ${two.id}]`,
    });
  assert.deepEqual((await volumes.prune(filters({ all: ["true"] }))).removed, []);
  assert.equal((await volumes.usage())[0]?.uses, 2);
  await remove(one, true);
  await remove(two, true);
  assert.deepEqual(
    (await volumes.inspect("vol1")).volume.name,
    "vol1",
    "a named one isn't removed with a container",
  );
  await volumes.remove("vol1", false);
});

test("volumes of a container alone go with it when asked, once nobody else has them", async (context) => {
  const { kept, make, remove, own } = await volumesPlace(context);
  const image = { Volumes: { "/data": {} } };
  const kept1 = await make({}, image);
  await remove(kept1, false);
  assert.equal(kept.size, 1);
  const one = await make({}, image);
  const two = await make({ VolumesFrom: [one.name] });
  await remove(one, true);
  assert.equal(kept.size, 2, "the second one has it still");
  await remove(two, true);
  assert.deepEqual([...kept.keys()], [kept1.mounts[0]?.name]);
  assert.deepEqual(await readdir(join(own, "volumes")), [...kept.keys()]);
});

test("prune takes what was given no name, all when asked, by labels, and counts bytes", async (context) => {
  const { volumes } = await volumesPlace(context);
  const { mountpoint } = await volumes.create({ Labels: { k: "v" } });
  await mkdir(join(mountpoint, "sub"));
  await writeFile(join(mountpoint, "sub/f"), Buffer.alloc(1000));
  await symlink("/etc", join(mountpoint, "link"));
  await volumes.create({ Name: "named" });
  await volumes.create({ Name: "other", Labels: { k: "w" } });
  assert.deepEqual(await volumes.prune(filters({ label: ["k=w"] })), { removed: [], reclaimed: 0 });
  const { removed, reclaimed } = await volumes.prune(filters({}));
  assert.deepEqual([removed.length, reclaimed], [1, 1000 + "/etc".length]);
  assert.deepEqual((await volumes.prune(filters({ all: ["1"], "label!": ["k=w"] }))).removed, ["named"]);
  assert.deepEqual((await volumes.prune(filters({ all: ["true"] }))).removed, ["other"]);
  assert.ok((await readdir("/etc")).length > 0);
});

test("a removal and a new container at the same time: never a container without its volume", async (context) => {
  const { volumes, make, own } = await volumesPlace(context);
  for (let i = 0; i < 20; i++) {
    await volumes.create({ Name: "race" });
    const [removal, made] = await Promise.allSettled([
      volumes.remove("race", false),
      make({ Binds: ["race:/a"] }),
    ]);
    assert.equal(made.status, "fulfilled");
    assert.ok(existsSync(join(own, "volumes/race/_data")), removal.status);
    assert.equal((await volumes.inspect("race")).volume.name, "race");
  }
});

test("folders that a crash left are swept, those that are known stay", async (context) => {
  const { volumes, store, own, kept } = await volumesPlace(context);
  await volumes.create({ Name: "known" });
  await mkdir(join(own, "volumes/left/_data/deep"), { recursive: true });
  await mkdir(join(own, "volumes/.removed-x/_data"), { recursive: true });
  await store.sweep(new Set(kept.keys()));
  assert.deepEqual(await readdir(join(own, "volumes")), ["known"]);
});
