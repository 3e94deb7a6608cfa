import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { launch, madeUpPackage, oldNode, withoutOldNode } from "./fixture.ts";

test("a checkout runs its sources, even when there is a dist folder", () => {
  using made = madeUpPackage({ src: true, dist: true });
  const said = launch(process.execPath, made.launcher, ["a", "--b"]).said();
  assert.equal(said.file, pathToFileURL(`${made.folder}/src/main.ts`).href);
  assert.ok(said.options.includes("--conditions=berth-src"));
  assert.deepEqual(said.args, ["a", "--b"]);
});

test("an installed package runs dist, in the launcher's own process when its Node will do", () => {
  using made = madeUpPackage({ dist: true });
  const said = launch(process.execPath, made.launcher, ["a b"]).said();
  assert.equal(said.file, pathToFileURL(`${made.folder}/dist/main.js`).href);
  assert.equal(said.ppid, process.pid);
  assert.deepEqual(said.args, ["a b"]);
});

test("a package without either says so in one line", () => {
  using made = madeUpPackage({});
  const { status, stderr } = launch(process.execPath, made.launcher, []);
  assert.equal(status, 1);
  assert.match(stderr, /^berth: there is neither src\/main\.ts nor dist\/main\.js in .*\n$/);
});

test("an old Node hands over to the one in node_modules", { skip: withoutOldNode }, () => {
  for (const parts of [{ src: true }, { dist: true }]) {
    using made = madeUpPackage({ ...parts, node: true });
    const said = launch(oldNode ?? "", made.launcher, ["x"]).said();
    assert.equal(said.node, process.versions.node);
    assert.deepEqual(said.args, ["x"]);
  }
});

test("an old Node without a better one says in one line what to do", { skip: withoutOldNode }, () => {
  using source = madeUpPackage({ src: true });
  const checkout = launch(oldNode ?? "", source.launcher, ["version"]);
  assert.equal(checkout.status, 1);
  assert.match(
    checkout.stderr,
    /^berth: Berth needs Node 24 or newer, this is Node \d.*; run "npm ci" in .*\n$/,
  );
  using built = madeUpPackage({ dist: true });
  const installed = launch(oldNode ?? "", built.launcher, ["version"]);
  assert.equal(installed.status, 1);
  assert.match(installed.stderr, /^berth: Berth needs Node 24 .*nodejs\.org.*\n$/);
});

test("NODE_OPTIONS reach the Node that runs Berth and break nothing", () => {
  for (const node of [process.execPath, ...(oldNode === undefined ? [] : [oldNode])]) {
    using made = madeUpPackage({ src: true, node: true });
    const env = { NODE_OPTIONS: "--max-old-space-size=300 --no-warnings --conditions=other" };
    const { status, stderr, said } = launch(node, made.launcher, ["x"], env);
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "");
    assert.ok(said().options.includes("--conditions=berth-src"));
  }
});
