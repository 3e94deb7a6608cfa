import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { berth } from "../cli/captured.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { newSigningSecret } from "../auth/key-bench.ts";
import { accountDesk } from "../harness/accounts.ts";
import { startBerth } from "../harness/berth.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../harness/postgres.ts";
import { spawnBerth } from "../harness/process.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  oci,
  registryClient,
  type RegistryClient,
} from "../harness/registry-client.ts";

/** A push, a pull, lists, and deletes, as a client makes them. */
async function roundTrip(client: RegistryClient, repo: string): Promise<void> {
  const content = oci.image();
  await client.push(repo, content, "v1");
  expectStatus(await client.putManifest(repo, "v2", content.bytes, content.mediaType), 201);
  const pulled = await client.get(`/v2/${repo}/manifests/v1`);
  assert.deepEqual(pulled.body, content.bytes);
  for (const { bytes, digest } of content.blobs)
    assert.deepEqual((await client.get(`/v2/${repo}/blobs/${digest}`)).body, bytes);
  const tags = async () =>
    (JSON.parse((await client.get(`/v2/${repo}/tags/list`)).body.toString()) as { tags: string[] }).tags;
  assert.deepEqual(await tags(), ["v1", "v2"]);
  expectStatus(await client.remove(`/v2/${repo}/manifests/v1`), 202);
  assert.deepEqual(await tags(), ["v2"]);
  const bytes = freshBytes(200_000);
  await client.pushBlob(bytes, { repo, how: "chunked" });
  const mounted = `/v2/${repo}-copy/blobs/uploads/?mount=${digestOf(bytes)}&from=${repo}`;
  expectStatus(await client.request("POST", mounted), 201);
  expectStatus(await client.remove(`/v2/${repo}/blobs/${digestOf(bytes)}`), 202);
  expectStatus(await client.remove(`/v2/${repo}/manifests/${content.digest}`), 202);
  expectError(await client.get(`/v2/${repo}/manifests/v2`), 404, "MANIFEST_UNKNOWN");
}

describe("Berth on PostgreSQL", needsPostgres(), () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  test("pushes, pulls, lists and deletes, keeps no SQLite, and is there after a restart", async () => {
    const { url } = await server.database();
    await using registry = await startBerth({ metadata: { url } });
    await roundTrip(registryClient(registry.url), "alpha/app");
    const content = oci.image();
    await registryClient(registry.url).push("alpha/kept", content, "v1");
    await registry.restart();
    const client = registryClient(registry.url);
    assert.deepEqual((await client.get("/v2/alpha/kept/manifests/v1")).body, content.bytes);
    expectStatus(await client.get("/readyz"), 200);
    assert.match((await client.get("/metrics")).body.toString(), /manifests\S* 1\b/);
    assert.equal(existsSync(join(registry.data, "berth.db")), false);
  });

  test("is not ready while the database is away, and says when to try again", async () => {
    const { url } = await server.database();
    await using registry = await startBerth({ metadata: { url } });
    const client = registryClient(registry.url);
    await server.stop();
    try {
      expectStatus(await client.get("/readyz"), 503);
      const answer = await client.get("/v2/alpha/app/manifests/v1");
      expectStatus(answer, 503);
      assert.equal(answer.headers.get("retry-after"), "5");
    } finally {
      await server.start();
    }
    expectStatus(await client.get("/readyz"), 200);
    await roundTrip(client, "alpha/app");
  });

  test("serves with several workers, each with connections of its own", async () => {
    const { url } = await server.database();
    using folder = tempFolder();
    const secret = folder.file("url");
    writeFileSync(secret, `${url}\n`);
    await using registry = await spawnBerth({
      config: { workers: 2, metadata: { url_file: secret, pool: 3 } },
    });
    const client = registryClient(registry.url);
    await Promise.all([0, 1, 2, 3].map((i) => roundTrip(client, `team/r${i}`)));
    expectStatus(await client.get("/metrics"), 200);
    assert.doesNotMatch(registry.logs(), /berth-pg-|"level":(50|60)/);
  });

  test("knows accounts, tokens and groups, next to a server and without one", async () => {
    const { url } = await server.database();
    const folder = tempFolder();
    using _ = folder;
    const config = folder.file("berth.yaml");
    writeFileSync(folder.file("secret"), newSigningSecret(), { mode: 0o600 });
    const rules =
      `auth: { mode: token, secret_file: ${folder.file("secret")} }\npolicy:\n  rules:\n` +
      '    - { repositories: "team/**", who: "group:dev", allow: "*" }\n';
    writeFileSync(config, `${rules}metadata: { url: "${url}" }\n`);
    writeFileSync(folder.file("password"), "correct horse");
    const cli = (...argv: string[]) => berth([...argv, "--config", config, "--data", folder.file("data")]);
    const ok = async (...argv: string[]) => {
      const { code, stdout, stderr } = await cli(...argv);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    // Before there is anything.
    const early = await cli("audit");
    assert.equal(early.code, 1);
    assert.match(early.stderr, /Start this Berth's server once/);

    await ok("user", "add", "carol", "--admin", "--password-file", folder.file("password"));
    await using registry = await startBerth({ metadata: { url } }, rules);
    const desk = accountDesk(registry);
    const [alice, mallory] = [await desk.addUser("alice"), await desk.addUser("mallory")];
    await desk.addGroup("dev", alice);
    await roundTrip(desk.as(alice), "team/app");
    await roundTrip(
      desk.bearer(await desk.token(alice, "repository:alice/app:pull,push,delete")),
      "alice/app",
    ).catch(
      // The copy that the round trip mounts into isn't in the token.
      (error: unknown) => assert.match(String(error), /alice\/app-copy/),
    );
    expectError(await desk.as(mallory).get("/v2/team/app/tags/list"), 403, "DENIED");
    const wrong = { name: "alice", secret: "wrong" };
    for (let i = 0; i < 5; i++) expectStatus(await desk.as(wrong).get("/v2/"), 401);
    expectStatus(await desk.as(wrong).get("/v2/"), 429);

    assert.match(await ok("policy", "test", "alice", "team/app", "push"), /^allow: alice/);
    assert.match((await cli("policy", "test", "mallory", "team/app", "push")).stdout, /^deny: mallory/);
    assert.match((await cli("policy", "test", "nobody", "team/app", "push")).stdout, /no account nobody/);
    const audit = await ok("audit", "--json", "--actor", "alice");
    for (const action of ["push-blob", "push-manifest", "create-tag", "mount-blob", "delete-tag"])
      assert.match(audit, new RegExp(`"${action}"`));
    const shown = await ok("check-config");
    assert.doesNotMatch(shown, /berth-pg-/);
  });
});
