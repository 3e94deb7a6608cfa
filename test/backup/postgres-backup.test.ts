import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { dirname } from "node:path";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, test } from "node:test";
import { stringify } from "yaml";
import { withoutPassword } from "#app/verbs/postgres-backup.ts";
import { berth } from "../cli/captured.ts";
import { needsPostgres, startPostgres } from "../harness/postgres.ts";
import { spawnBerth } from "../harness/process.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { openPlaces, runJson } from "./places.ts";

/** Runs a command as it was told to the operator, where PostgreSQL's programs are found. */
async function asTold(stderr: string, program: string, url: string): Promise<void> {
  const line = stderr.split("\n").find((one) => one.trim().startsWith(program)) ?? "";
  assert.notEqual(line, "", stderr);
  const found = globSync("/usr/lib/postgresql/*/bin/pg_dump").at(-1) ?? "/usr/bin/pg_dump";
  const PATH = `${dirname(found)}:${process.env.PATH}`;
  const PGPASSWORD = decodeURIComponent(/:\/\/[^:@/]*:([^@]*)@/.exec(url)?.[1] ?? "");
  await promisify(execFile)("sh", ["-c", line.trim()], { env: { PATH, PGPASSWORD, LC_ALL: "C.UTF-8" } });
}

test("an address of a database is shown without its password", () => {
  assert.equal(withoutPassword("postgres://berth:se%40cret@db:5432/b"), "postgres://berth@db:5432/b");
  assert.equal(withoutPassword("postgres://berth:se@cr:et@db/b"), "postgres://berth@db/b");
  assert.equal(withoutPassword("postgres://berth:x@/b?host=/run"), "postgres://berth@/b?host=/run");
  assert.equal(
    withoutPassword("postgres://db/b?password=x&sslmode=require"),
    "postgres://db/b?sslmode=require",
  );
  assert.equal(withoutPassword("postgres://db/b"), "postgres://db/b");
});

describe("with metadata in PostgreSQL", needsPostgres(), () => {
  test("its own tools are named for the snapshot; blobs are backed up and brought back", async () => {
    await using places = await openPlaces();
    await using postgres = await startPostgres();
    const { url } = await postgres.database();
    const file = places.path("berth.yaml");
    const storage = (name: string) => ({ disk: { path: places.path(name) } });
    await writeFile(file, stringify({ metadata: { url }, storage: storage("store") }));
    const content = oci.image();
    {
      await using server = await spawnBerth({ config: { metadata: { url }, storage: storage("store") } });
      await registryClient(server.url).push("a", content, "v1");
      const words = await berth(["backup", places.path("x.dump"), "--config", file]);
      assert.equal(words.code, 1);
      await asTold(words.stderr, "pg_dump", url);
      const bare = await berth(["backup", "--config", file]);
      assert.match(bare.stderr, /pg_dump [^]*berth backup --blobs PLACE/);
      await registryClient(server.url).push("a", oci.image(), "after");
      const backup = ["backup", "--blobs", places.path("blobs"), "--config", file];
      const first = await runJson<{ blobs: { linked: number; kept: number } }>(backup);
      assert.deepEqual([first.code, first.report.blobs.linked], [0, 4], first.stderr);
      assert.equal((await runJson<{ blobs: { kept: number } }>(backup)).report.blobs.kept, 4);
      const served = await berth(["restore", "--blobs", places.path("blobs"), "--config", file]);
      assert.equal(served.code, 1);
      assert.match(served.stderr, /stop every server on this database first/);
    }
    const words = await berth(["restore", places.path("x.dump"), "--config", file]);
    assert.match(words.stderr, /Stop every server, then\n/);
    await asTold(words.stderr, "pg_restore", url);
    assert.match((await berth(["verify", "a:after", "--config", file])).stderr, /there is no a:after/);

    const elsewhere = places.path("elsewhere.yaml");
    await writeFile(elsewhere, stringify({ metadata: { url }, storage: storage("other") }));
    assert.equal((await berth(["verify", "--config", elsewhere])).code, 1);
    const brought = await runJson<{ blobs: { brought: number } }>([
      ...["restore", "--blobs", places.path("blobs"), "--config", elsewhere],
    ]);
    assert.deepEqual([brought.code, brought.report.blobs.brought], [0, 2], brought.stderr);
    const verified = await berth(["verify", "--config", elsewhere]);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  });
});
