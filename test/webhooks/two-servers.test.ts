import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sharedBlobs, startNeighbour, type Neighbour } from "../app/neighbour.ts";
import { needsPostgres, startPostgres, type TestPostgres } from "../harness/postgres.ts";
import { spawnBerth } from "../harness/process.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { hangs, startTarget, takes, until, type Target } from "./target.ts";

const tags = (target: Target) =>
  target.events().flatMap(({ action, target: of }) => (action === "push" && of["tag"] ? [of["tag"]] : []));

const push = ({ client }: Pick<Neighbour, "client">, tag: string) =>
  client.push("team/app", oci.image({ layers: [Buffer.from(tag)] }), tag);

// At the same time, because each waits for beats of the servers.
describe("webhooks of several servers on one database", { ...needsPostgres(), concurrency: true }, () => {
  let server: TestPostgres;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  test("one of them tells what happens at all, each event once; when it stops, another goes on", async () => {
    await using target = await startTarget();
    const { url } = await server.database();
    const webhooks = [{ name: "ci", url: target.url }];
    const config = JSON.stringify({ metadata: { url }, notifications: { webhooks } });
    await using first = await startNeighbour(config);
    await using second = await startNeighbour(config);
    for (const [i, by] of [first, second, second, first].entries()) await push(by, `a${i}`);
    await until(() => tags(target).length === 4, "all are told");
    await first[Symbol.asyncDispose]();
    for (const tag of ["b0", "b1"]) await push(second, tag);
    await until(() => tags(target).length === 6, "the other tells");
    assert.deepEqual(tags(target), ["a0", "a1", "a2", "a3", "b0", "b1"]);
    const ids = target.events().map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  test("when the one that tells is killed while its target hangs, another tells that and the rest", async () => {
    await using target = await startTarget(hangs);
    const database = await server.database();
    const notifications = { webhooks: [{ name: "ci", url: target.url, timeout: "60s" }] };
    const metadata = { url: database.url };
    await using killed = await spawnBerth({
      config: { workers: 2, metadata, notifications, storage: { disk: { path: sharedBlobs } } },
    });
    await using other = await startNeighbour(JSON.stringify({ metadata, notifications }));
    await push({ client: registryClient(killed.url) }, "a");
    await until(() => target.requests.length > 0, "it hangs");
    await push(other, "b");
    await killed.kill("SIGKILL");
    target.behave(takes);
    // Half a minute goes by.
    await database.sql("UPDATE leases SET until = until - 30000");
    await until(() => tags(target).length >= 2, "both are told");
    assert.deepEqual(tags(target), ["a", "b"]);
  });
});
