import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startBerth, type TestBerth } from "../harness/berth.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { assertSigned, fails, hangs, startTarget, takes, until, type Target } from "./target.ts";

const webhook = (target: { url: string }, more: object = {}) => ({ name: "ci", url: target.url, ...more });
const file = (...webhooks: object[]) => JSON.stringify({ notifications: { webhooks } });
const start = (...webhooks: object[]) => startBerth({}, file(...webhooks));
const tags = (target: Target) =>
  target.events().flatMap(({ action, target: of }) => (action === "push" && of["tag"] ? [of["tag"]] : []));

async function pushTags(berth: TestBerth, ...names: string[]): Promise<void> {
  const client = registryClient(berth.url);
  for (const name of names) await client.push("team/app", oci.image({ layers: [Buffer.from(name)] }), name);
}

test("pushes, mounts and deletes arrive in order, signed, and each is its own", async () => {
  await using target = await startTarget();
  await using berth = await start(webhook(target, { secret_file: "key", headers: { "X-Token": "t1" } }));
  await writeFile(join(berth.data, "key"), "s3cret\n");
  const client = registryClient(berth.url);
  const image = oci.image();
  await client.push("team/app", image, "one");
  const layer = image.blobs[0]?.digest ?? "";
  assert.equal(
    (await client.request("POST", `/v2/other/app/blobs/uploads/?mount=${layer}&from=team/app`)).status,
    201,
  );
  assert.equal((await client.remove(`/v2/team/app/manifests/${image.digest}`)).status, 202);
  await until(() => target.events().length >= image.blobs.length + 4, "all events arrive");
  const events = target.events();
  const actions = events.map(({ action, target: of }) => [action, of["repository"], of["tag"]]);
  assert.deepEqual(actions, [
    ...image.blobs.map(() => ["push", "team/app", undefined]),
    ["push", "team/app", "one"],
    ["mount", "other/app", undefined],
    ["delete", "team/app", undefined],
    ["delete", "team/app", "one"],
  ]);
  assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
  for (const received of target.requests) {
    assertSigned(received, "s3cret");
    assert.equal(received.headers["x-token"], "t1");
    assert.equal(received.headers["x-berth-webhook"], "ci");
    assert.match(String(received.headers["x-berth-delivery"]), /^\d+\.\d+/);
    assert.match(String(received.headers["user-agent"]), /^berth\//);
    assert.equal(received.path, "/hook");
  }
});

test("while the target hangs, pushes go on, and another webhook is told", async () => {
  await using hanging = await startTarget(hangs);
  await using other = await startTarget();
  await using berth = await start(webhook(hanging, { timeout: "60s" }), webhook(other, { name: "other" }));
  await pushTags(berth, "a");
  await until(() => hanging.requests.length > 0, "the target hangs");
  await pushTags(berth, "b", "c", "d");
  await until(() => tags(other).length === 4, "the other is told");
  assert.deepEqual(tags(other), ["a", "b", "c", "d"]);
  assert.deepEqual(hanging.taken, []);
});

for (const [how, behaves] of [
  ["answers 500", fails],
  ["resets", (answer) => void answer.socket?.resetAndDestroy()],
  ["redirects", (answer) => answer.writeHead(307, { location: "/elsewhere" }).end()],
  ["is gone", (answer) => answer.writeHead(410).end()],
  ["answers late", (answer) => void setTimeout(() => answer.writeHead(200).end(), 1_500).unref()],
  ["begins an answer without an end", (answer) => void answer.writeHead(200).write("x")],
] as const satisfies [string, Parameters<Target["behave"]>[0]][])
  test(`a target that ${how} is tried again until it takes what it gets`, async () => {
    await using target = await startTarget(behaves);
    await using berth = await start(webhook(target, { timeout: "300ms" }));
    await pushTags(berth, "a", "b");
    await until(() => target.requests.length >= 2, "it is tried again");
    target.behave(takes);
    await until(() => tags(target).length === 2, "it is told");
    assert.deepEqual(tags(target), ["a", "b"]);
    assert.deepEqual(new Set(target.requests.map(({ path }) => path)), new Set(["/hook"]));
  });

test("an endless answer is read no further than needed", async () => {
  let sent = 0;
  await using target = await startTarget((answer) => {
    answer.writeHead(200);
    const more = () => {
      while (!answer.destroyed && sent < 1e9 && answer.write(Buffer.alloc(16_384))) sent += 16_384;
    };
    answer.on("drain", more);
    more();
  });
  await using berth = await start(webhook(target, { events: "push", batch: 1 }));
  await pushTags(berth, "a", "b");
  const told = () => target.requests.flatMap(({ body }) => /"tag":"(\w+)"/.exec(body)?.[1] ?? []);
  await until(() => told().length === 2, "taken all the same");
  assert.deepEqual(told(), ["a", "b"]);
  assert.ok(sent < 100e6, `${sent} bytes`);
});

test("after all tries events are put aside, and what comes later goes on", async () => {
  await using target = await startTarget((answer, { body }) =>
    body.includes('"tag":"bad"')
      ? fails(answer, { headers: {}, path: "", body })
      : takes(answer, { headers: {}, path: "", body }),
  );
  await using berth = await start(webhook(target, { batch: 1, max_failures: 2 }));
  await pushTags(berth, "a", "bad", "b");
  await until(() => tags(target).length === 2, "what came later arrives");
  assert.deepEqual(tags(target), ["a", "b"]);
});

test("what a server that was stopped hadn't told is told by the next, in order", async () => {
  await using target = await startTarget(fails);
  await using berth = await start(webhook(target));
  await pushTags(berth, "a");
  await until(() => target.requests.length > 0, "it was tried");
  await berth.restart();
  await pushTags(berth, "b");
  target.behave(takes);
  await until(() => tags(target).length >= 2, "both arrive");
  assert.deepEqual(tags(target), ["a", "b"]);
});

test("only what is wanted is told: by action and by repository", async () => {
  await using target = await startTarget();
  await using berth = await start(webhook(target, { events: ["delete", "pull"], repositories: ["team/**"] }));
  const client = registryClient(berth.url);
  const image = oci.image();
  for (const name of ["team/app", "other/app"]) {
    await client.push(name, image, "v1");
    for (let i = 0; i < 3; i++) assert.equal((await client.get(`/v2/${name}/manifests/v1`)).status, 200);
    assert.equal((await client.request("HEAD", `/v2/${name}/manifests/${image.digest}`)).status, 200);
    const known = { headers: { "if-none-match": `"${image.digest}"` } };
    assert.equal((await client.request("GET", `/v2/${name}/manifests/v1`, known)).status, 304);
  }
  await until(() => target.events().length > 0, "the pulls are told");
  assert.equal((await client.remove("/v2/team/app/manifests/v1")).status, 202);
  await until(() => target.events().some(({ action }) => action === "delete"), "the delete is told");
  const told = target.events().map(({ action, target: of }) => [action, of["repository"], of["tag"]]);
  assert.deepEqual(told, [
    ["pull", "team/app", "v1"],
    ["delete", "team/app", "v1"],
  ]);
});
