import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { accountDesk } from "../harness/accounts.ts";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { berth } from "./captured.ts";

const quotas = `quotas:
  - { name: everything, bytes: 1MiB }
  - { name: one, repositories: "team/**", per: repository, bytes: 100KiB, tags: 4 }
`;

interface Usage {
  repositories: Record<string, unknown>[];
  sum: Record<string, number>;
  quotas: { name: string; of: { name?: string }; used: { bytes: number; tags: number } }[];
  accounts: { name: string; bytes: number }[];
}

test("usage says what each repository holds, what would be freed, and how full quotas are", async () => {
  await using server = await startBerth({}, quotas);
  const client = registryClient(server.url);
  const file = join(server.data, "berth.yaml");
  writeFileSync(file, quotas);
  const flags = ["--config", file, "--data", server.data];
  const none = await berth(["usage", ...flags]);
  assert.match(none.stdout, /^nothing is stored yet$/m);
  const image = oci.image({ layers: [freshBytes(50_000)] });
  for (const repo of ["team/app", "other"]) expectStatus(await client.push(repo, image, "1"), 201);
  await client.pushBlob(freshBytes(5_000), { repo: "team/app" });

  const read = async (...more: string[]) => {
    const { code, stdout, stderr } = await berth(["usage", "--json", ...flags, ...more]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Usage;
  };
  const shared = image.blobs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const { repositories, sum, quotas: uses } = await read();
  assert.deepEqual(
    repositories.map(({ name, bytes, own_bytes, shared_bytes, tags, freed_by_deleting, freed_by_gc }) => [
      ...[name, bytes, own_bytes, shared_bytes, tags, freed_by_deleting, freed_by_gc],
    ]),
    [
      ["team/app", shared + image.size + 5_000, image.size + 5_000, shared, 1, image.size + 5_000, 5_000],
      ["other", shared + image.size, image.size, shared, 1, image.size, 0],
    ],
  );
  assert.equal(sum.freed_by_gc, 5_000);
  assert.deepEqual(
    uses.map(({ name, of, used }) => [name, of.name, used.tags]),
    [
      ["everything", undefined, 2],
      ["one", "team/app", 1],
    ],
  );
  assert.equal(uses[0]?.used.bytes, sum.bytes);
  assert.deepEqual(
    (await read("--sort", "name")).repositories.map(({ name }) => name),
    ["other", "team/app"],
  );
  assert.deepEqual(
    (await read("other")).repositories.map(({ name }) => name),
    ["other"],
  );

  const { stdout } = await berth(["usage", ...flags]);
  assert.match(stdout, /^team\/app +1 +5\d KiB +\d+\.?\d* KiB +49 KiB +4\.9 KiB$/m);
  assert.match(stdout, /^2 repositories +2 /m);
  assert.match(stdout, /^everything +\*\* +10\d KiB of 1\.0 MiB +- +10%$/m);
  assert.match(stdout, /^one +team\/app +5\d KiB of 100 KiB +1 of 4 +5\d%$/m);
});

test("accounts are listed by their names", async () => {
  await using server = await startBerth({}, "auth: { mode: token }\npolicy: {}\n");
  const desk = accountDesk(server);
  const alice = desk.as(await desk.addUser("alice"));
  await alice.pushBlob(freshBytes(3_000), { repo: "alice/app" });
  const { stdout } = await berth(["usage", "--data", server.data]);
  assert.match(stdout, /^alice +2\.9 KiB +0$/m);
  await desk.manage("DELETE", "/users/alice");
  assert.match(
    (await berth(["usage", "--data", server.data])).stdout,
    /^user:\d+ \(removed\) +2\.9 KiB +0$/m,
  );
});

test("what it doesn't know is said in words", async () => {
  await using server = await startBerth();
  const unknown = await berth(["usage", "no/such", "--data", server.data]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /there is no repository no\/such/);
  for (const argv of [
    ["usage", "--sort", "size"],
    ["usage", "UPPER"],
    ["usage", "--nope"],
  ])
    assert.equal((await berth(argv)).code, 2, argv.join(" "));
});
