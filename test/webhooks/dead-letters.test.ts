import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { berth as cli } from "../cli/captured.ts";
import { startBerth } from "../harness/berth.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { assertSigned, fails, startTarget, takes, until } from "./target.ts";

interface Listed {
  webhooks: {
    name: string;
    state: string;
    delivered: number;
    behind: number;
    failures: number;
    fault: string | null;
    dead_letters: number;
  }[];
}
interface Letters {
  dead_letters: { id: number; events: number; failures: number; fault: string }[];
}

/** `berth webhook` with these webhooks, on a data folder. */
function webhookPlace(data: string, webhooks: object[]) {
  const folder = tempFolder();
  const config = join(folder.path, "berth.yaml");
  writeFileSync(join(folder.path, "key"), "s3cret\n");
  const found = webhooks.map((one) =>
    "secret_file" in one ? { ...one, secret_file: join(folder.path, String(one.secret_file)) } : one,
  );
  writeFileSync(config, JSON.stringify({ notifications: { webhooks: found } }));
  const run = (...args: string[]) => cli(["webhook", ...args, "--config", config, "--data", data]);
  return {
    run,
    async json<T>(...args: string[]): Promise<T> {
      const { stdout } = await run(...args, "--json");
      return JSON.parse(stdout) as T;
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("dead letters are listed with why, replayed in order and dropped, beside a running server", async () => {
  await using target = await startTarget(fails);
  const ci = {
    ...{ name: "ci", url: `${target.url}?token=t0ken`, events: "push" },
    ...{ batch: 1, max_failures: 1, headers: { "X-Key": "k3y" } },
  };
  await using berth = await startBerth({}, JSON.stringify({ notifications: { webhooks: [ci] } }));
  using place = webhookPlace(berth.data, [ci]);
  const image = oci.image();
  await registryClient(berth.url).push("team/app", image, "v1");
  const count = image.blobs.length + 1;
  const listed = async () => (await place.json<Listed>("list")).webhooks[0];
  await until(async () => (await listed())?.dead_letters === count, "all are dead");
  const before = await listed();
  assert.deepEqual([before?.state, before?.delivered, before?.behind, before?.failures], ["ok", 0, 0, 0]);
  const { dead_letters: letters } = await place.json<Letters>("list", "ci");
  assert.deepEqual(
    letters.map(({ events, failures, fault }) => [events, failures, fault]),
    Array.from({ length: count }, () => [1, 1, "it answered 500"]),
  );

  const failed = await place.run("replay", "ci", "--all");
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /dead letter \d+ of ci, 1 event: it answered 500; the others weren't tried/);
  const [first, second, ...rest] = (await place.json<Letters>("list", "ci")).dead_letters;
  assert.deepEqual([first?.failures, second?.failures, rest.length], [2, 1, count - 2]);

  target.behave(takes);
  const sent = target.requests.length;
  assert.equal((await place.run("replay", "ci", "--id", String(second?.id))).code, 0);
  const all = await place.run("replay", "ci", "--all");
  assert.equal(all.code, 0, all.stderr);
  assert.equal(all.stdout.match(/: taken\n/g)?.length, count - 1);
  const bodies = target.requests.slice(sent).map(({ body }) => body);
  const firsts = target.requests.slice(0, count).map(({ body }) => body);
  const ids = (texts: string[]) => texts.map((text) => /"id":"([^"]+)"/.exec(text)?.[1]);
  assert.deepEqual(ids(bodies), [ids(firsts)[1], ids(firsts)[0], ...ids(firsts).slice(2)]);
  assert.equal((await listed())?.dead_letters, 0);
  assert.match((await place.run("replay", "ci", "--all")).stderr, /ci has no dead letters/);

  for (const args of [["list"], ["list", "ci"], ["test", "ci"]]) {
    const { stdout, stderr } = await place.run(...args);
    assert.doesNotMatch(stdout + stderr, /t0ken|k3y/);
  }
});

test("a webhook that isn't configured any more is listed until it is dropped; without a server, too", async () => {
  await using target = await startTarget(fails);
  const ci = { name: "ci", url: target.url, max_failures: 1 };
  await using berth = await startBerth({}, JSON.stringify({ notifications: { webhooks: [ci] } }));
  await registryClient(berth.url).push("team/app", oci.image(), "v1");
  using place = webhookPlace(berth.data, []);
  const listed = async () => (await place.json<Listed>("list")).webhooks;
  await until(async () => ((await listed())[0]?.dead_letters ?? 0) > 0, "it is dead");
  assert.equal((await listed())[0]?.state, "removed");
  const { code, stderr } = await place.run("replay", "ci", "--all");
  assert.equal(code, 1);
  assert.match(stderr, /ci is no webhook; there is none: see notifications\.webhooks/);
  assert.match((await place.run("drop", "ci", "--all")).stdout, /dead letters? of ci dropped/);
  assert.deepEqual(await listed(), []);
  assert.match((await place.run("list")).stderr, /no webhooks/);
});

test("a ping is signed like everything else, and says why it wasn't taken", async () => {
  await using target = await startTarget();
  await using berth = await startBerth();
  using place = webhookPlace(berth.data, [
    { name: "ci", url: target.url, secret_file: "key" },
    { name: "cloud", url: target.url, secret_file: "missing", format: "cloudevents" },
    { name: "nobody", url: "http://127.0.0.1:9/" },
  ]);
  assert.equal((await place.run("test", "ci")).stdout, "ci took the ping\n");
  const [ping] = target.requests;
  assert.ok(ping);
  assertSigned(ping, "s3cret");
  assert.equal(target.events()[0]?.action, "ping");
  const refused = await place.run("test", "nobody");
  assert.deepEqual(
    [refused.code, refused.stderr],
    [1, "nobody didn't take the ping: it refuses connections\n"],
  );
  assert.match((await place.run("test", "cloud")).stderr, /secret_file .*missing can't be read \(ENOENT\)/);
  target.behave(fails);
  assert.match((await place.run("test", "ci")).stderr, /it answered 500/);
  assert.match((await place.run("test", "x")).stderr, /x is no webhook; there are ci, cloud, nobody/);
});

test("what isn't said rightly is said so", async () => {
  using place = webhookPlace("/nowhere", []);
  for (const [args, message] of [
    [["replay", "ci"], /needs --id N or --all/],
    [["replay", "ci", "--id", "1", "--all"], /needs --id N or --all/],
    [["drop", "ci", "--id", "x"], /list NAME shows the ids/],
    [["forget", "ci"], /there are webhook list, webhook test, webhook replay, webhook drop/],
  ] as const) {
    const { code, stderr } = await place.run(...args);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});
