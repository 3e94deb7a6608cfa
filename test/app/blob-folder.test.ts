import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ensureFolderId, readFolderId } from "#adapters/disk/folder-id.ts";
import { AppError } from "#core/errors.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { berth } from "../cli/captured.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../harness/postgres.ts";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus, oci, registryClient } from "../harness/registry-client.ts";
import { distributionTree } from "../import/tree.ts";

const idIn = (folder: string) => join(folder, "berth-store-id");
const other = /other is not the folder that this database's blobs lie in: /;

/** Does what a message says to do. */
function asTold(message: string): void {
  const command = /give it the id first: (mkdir .*)$/m.exec(message)?.[1] ?? "false";
  execFileSync("sh", ["-c", command]);
}

const rejection = (start: Promise<unknown>) =>
  start.then(
    () => "it started",
    (error: Error) => error.message,
  );

test("an id is made once, whoever asks, and one that is damaged is told of", async () => {
  using folder = tempFolder();
  assert.equal(await readFolderId(folder.file("nowhere")), undefined);
  const path = folder.file("blobs");
  mkdirSync(path);
  const ids = await Promise.all(Array.from({ length: 8 }, () => ensureFolderId(path)));
  assert.equal(new Set(ids).size, 1);
  assert.equal(await readFolderId(path), ids[0]);
  assert.deepEqual(readdirSync(path), ["berth-store-id"]);
  assert.equal(statSync(idIn(path)).mode & 0o777, 0o600);
  writeFileSync(idIn(path), "who knows\n");
  for (const ask of [readFolderId, ensureFolderId])
    await assert.rejects(
      ask(path),
      (error) => error instanceof AppError && /berth-store-id holds no id, .* remove it/.test(error.message),
    );
});

test("a server doesn't start without the folder of its blobs, a copy of all does, and one can take its place", async () => {
  using folder = tempFolder();
  const [data, storage] = [folder.file("data"), folder.file("data/storage")];
  const content = oci.image();
  {
    await using server = await spawnBerth({ data });
    await registryClient(server.url).push("a", content, "v1");
  }
  const copy = folder.file("copy");
  execFileSync("cp", ["-a", data, copy]);
  {
    await using server = await spawnBerth({ data: copy });
    expectStatus(await registryClient(server.url).get(`/v2/a/blobs/${content.blobs[0]?.digest}`), 200);
  }
  renameSync(storage, folder.file("away"));
  for (const workers of [1, 2]) {
    const message = await rejection(spawnBerth({ data, config: { workers } }));
    assert.match(
      message,
      /storage is not the folder .*: there is no \S+berth-store-id, and that of .* says \S+\. Mount/,
    );
    assert.equal(existsSync(storage), false, "something was made where the folder should be");
  }
  assert.match((await berth(["verify", "--data", data])).stderr, /storage is not the folder that/);
  asTold(await rejection(spawnBerth({ data })));
  await using server = await spawnBerth({ data });
  const client = registryClient(server.url);
  expectStatus(await client.get(`/v2/a/blobs/${content.blobs[0]?.digest}`), 404);
  await client.push("a", content, "v1");
  expectStatus(await client.get(`/v2/a/blobs/${content.blobs[0]?.digest}`), 200);
});

describe("of several servers on one database", needsPostgres(), () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres[Symbol.asyncDispose]());

  test("one that has another folder doesn't start, and no command writes there", async () => {
    using folder = tempFolder();
    const { url, sql } = await postgres.database();
    const config = (name: string) => ({ metadata: { url }, storage: { disk: { path: folder.file(name) } } });
    const start = () => spawnBerth({ config: config("shared") });
    await using parts = new AsyncDisposableStack();
    const [one, two] = (await Promise.all([start(), start()])).map((server) => parts.use(server));
    const content = oci.image();
    await registryClient(one?.url ?? "").push("a", content, "v1");
    const blob = `/v2/a/blobs/${content.blobs[0]?.digest}`;
    expectStatus(await registryClient(two?.url ?? "").get(blob), 200);

    const none = await rejection(spawnBerth({ config: config("other") }));
    assert.match(none, other);
    assert.match(none, /there is no \S+other\/berth-store-id/);
    const file = folder.file("berth.yaml");
    writeFileSync(file, JSON.stringify(config("other")));
    const tree = distributionTree(folder.file("old"));
    tree.push("b", oci.image(), "v1");
    const flags = ["--config", file, "--data", folder.file("data")];
    for (const verb of [
      ["import", "distribution", folder.file("old")],
      ["backup", "--blobs", folder.file("backup")],
      ["verify"],
    ]) {
      const { code, stderr } = await berth([...verb, ...flags]);
      assert.equal(code, 1, verb[0]);
      assert.match(stderr, other, verb[0]);
    }
    await parts.disposeAsync();
    mkdirSync(folder.file("backup"), { recursive: true });
    assert.match((await berth(["restore", "--blobs", folder.file("backup"), ...flags])).stderr, other);
    assert.equal(existsSync(folder.file("other")), false);
    mkdirSync(folder.file("other"));
    const stranger = await ensureFolderId(folder.file("other"));
    const message = await rejection(spawnBerth({ config: config("other") }));
    assert.match(message, new RegExp(`other/berth-store-id says ${stranger}, and that of`));
    assert.deepEqual(await sql("SELECT digest FROM blobs WHERE damaged"), []);

    // Moved with all that is in it, it is the same folder.
    rmSync(folder.file("other"), { recursive: true });
    renameSync(folder.file("shared"), folder.file("other"));
    await using moved = await spawnBerth({ config: config("other") });
    expectStatus(await registryClient(moved.url).get(blob), 200);
  });

  test("a folder of blobs that has no id yet gets one", async () => {
    using folder = tempFolder();
    const { url, sql } = await postgres.database();
    const path = folder.file("blobs");
    const config = { metadata: { url }, storage: { disk: { path } } };
    const content = oci.image();
    {
      await using server = await spawnBerth({ config });
      await registryClient(server.url).push("a", content, "v1");
    }
    rmSync(idIn(path));
    await sql("DELETE FROM blob_folder");
    await using server = await spawnBerth({ config });
    expectStatus(await registryClient(server.url).get(`/v2/a/blobs/${content.blobs[0]?.digest}`), 200);
    assert.deepEqual(await sql("SELECT id FROM blob_folder"), [
      { id: readFileSync(idIn(path), "utf8").trim() },
    ]);
  });
});
