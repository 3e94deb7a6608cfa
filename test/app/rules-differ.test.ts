import assert from "node:assert/strict";
import { hostname } from "node:os";
import { after, before, describe, test } from "node:test";
import { rulesInForce } from "#app/servers/rules-in-force.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../harness/postgres.ts";
import { spawnBerth } from "../harness/process.ts";
import { expectStatus, registryClient, type RegistryClient } from "../harness/registry-client.ts";
import { sharedBlobs, startNeighbour, until } from "./neighbour.ts";

const differ = "these servers share a database and differ";
const agree = "the rules of these servers agree again";
const policy = 'policy: { rules: [{ repositories: "team/**", who: signed-in, allow: pull }] }\n';

async function ready(client: RegistryClient): Promise<string> {
  const answer = await client.get("/readyz");
  expectStatus(answer, 200);
  return answer.body.toString();
}

// At the same time, because each waits for beats of the servers.
describe("servers on one database with different rules", { ...needsPostgres(), concurrency: true }, () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  test("both say so, once in the log and in /readyz, until they agree again", async () => {
    const { url } = await server.database();
    const config = (more: string) => `metadata: { url: "${url}" }\n${more}`;
    await using first = await startNeighbour(config(policy));
    await using second = await startNeighbour(config("limits: { manifest_size: 1MiB }\n"));
    const name = (each: { url: string }) => `${hostname()} ${each.url}`;
    const both = "limits, policy differ from those of another server on this database";
    const warned = async (each: typeof first, line: string) =>
      (await ready(each.client)) === `ready\n${line}`;
    await until("the second's warning", () => warned(second, `warning: ${both}\n`));
    await until("the first's warning", () => warned(first, `warning: ${both}\n`));

    second.write(config(`limits: { manifest_size: 1MiB }\n${policy}`));
    process.kill(process.pid, "SIGHUP");
    // What takes a restart differs still.
    const one = "limits differs from that of another server on this database";
    await until("the second's warning", () => warned(second, `warning: ${one}\n`));
    await until("the first's warning", () => warned(first, `warning: ${one}\n`));
    const said = (each: typeof first) =>
      each.said(differ).map(({ server: own, other, sections }) => [own, other, sections]);
    assert.deepEqual(said(first), [
      [name(first), name(second), ["limits", "policy"]],
      [name(first), name(second), ["limits"]],
    ]);
    assert.deepEqual(said(second), [
      [name(second), name(first), ["limits", "policy"]],
      [name(second), name(first), ["limits"]],
    ]);
    assert.deepEqual([...first.said(agree), ...second.said(agree)], []);

    await second[Symbol.asyncDispose]();
    await until("the first's peace", () => warned(first, ""));
    assert.deepEqual(first.said(agree), [], "one that left doesn't agree");
  });

  test("workers say it, too, as the keeper tells them", async () => {
    const { url } = await server.database();
    const config = (more: string) => `metadata: { url: "${url}" }\n${more}`;
    await using workers = await spawnBerth({
      config: {
        workers: 2,
        metadata: { url },
        storage: { disk: { path: sharedBlobs } },
        log: { access: false },
        policy: { rules: [{ repositories: "team/**", who: "signed-in", allow: "pull" }] },
      },
    });
    await using other = await startNeighbour(config(""));
    const line = `ready\nwarning: policy differs from that of another server on this database\n`;
    // A connection each, so that both workers are asked.
    const all = async (text: string) => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => ready(registryClient(workers.url, {}, { connection: "close" }))),
      );
      return answers.every((answer) => answer === text);
    };
    await until("all workers' warning", () => all(line));
    await until("the other's warning", async () => /policy differs/.test(await ready(other.client)));
    other.write(config(policy));
    process.kill(process.pid, "SIGHUP");
    await until("the workers' peace", () => all("ready\n"));
    await until("the other's peace", async () => (await ready(other.client)) === "ready\n");
    assert.equal(other.said(differ).length, 1);
    assert.deepEqual(
      other.said(agree).map(({ other: name }) => name),
      [`${hostname()} ${workers.url}`],
    );
    await until("the keeper's log", () => workers.logs().includes(agree));
  });
});

test("what decides rights and meaning is in the rules; paths, addresses and the order of keys aren't", () => {
  const rules = (file: string, data = "/nowhere") => rulesInForce(defaultConfig(data, file));
  const changed = (before: string, after: string) => {
    const [a, b] = [rules(before), rules(after, "/elsewhere")];
    return Object.keys(a).filter((section) => a[section] !== b[section]);
  };
  const token = (more = "") => `auth: { mode: token, service: a${more} }\n`;
  const workload = (more: string) =>
    token(
      `, workloads: [{ name: ci, issuer: "https://ci.example", audience: a${more}, ` +
        `rules: [{ claims: { sub: "*" }, groups: [dev] }] }]`,
    );
  const s3 = (more: string) => `storage: { s3: { bucket: registry, region: r, ${more} } }\n`;
  const rule = (text: string) => `policy: { rules: [{ ${text} }] }\n`;

  assert.deepEqual(changed("", 'listen: ["127.0.0.1:7000"]\nworkers: 3\nlog: { level: debug }\n'), []);
  assert.deepEqual(
    changed(
      rule("repositories: a, who: signed-in, allow: pull"),
      rule("allow: pull, who: signed-in, repositories: a"),
    ),
    [],
  );
  assert.deepEqual(
    changed(
      rule("repositories: a, who: signed-in, allow: pull"),
      rule("repositories: a, who: signed-in, allow: push"),
    ),
    ["policy"],
  );
  assert.deepEqual(changed("", token()), ["auth"]);
  assert.deepEqual(changed("auth: { mode: none }\n", ""), []);
  assert.deepEqual(changed(token(), token(", token: { lifetime: 1m }")), ["auth"]);
  assert.deepEqual(changed(workload(', jwks_file: "/a.json"'), workload(', jwks_file: "/b.json"')), []);
  assert.deepEqual(changed(workload(""), workload("").replace("dev", "ops")), ["auth.workloads"]);
  assert.deepEqual(changed("", "limits: { tags_per_put: 7 }\n"), ["limits"]);
  assert.deepEqual(changed("", "limits: { concurrent_uploads: 7 }\n"), []);
  assert.deepEqual(changed("", s3("prefix: a")), ["storage"]);
  assert.deepEqual(changed(s3("prefix: a"), s3("prefix: b")), ["storage"]);
  assert.deepEqual(changed(s3("prefix: a"), s3("prefix: a, storage_class: STANDARD_IA")), []);
});
