import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { needs } from "../clients/needs.ts";
import { makeAuthority } from "../harness/certificates.ts";
import { startBerth } from "../harness/berth.ts";
import { spawnBerth } from "../harness/process.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { fails, startTarget, until, type Target } from "./target.ts";

const tags = (target: Target) =>
  target.events().flatMap(({ action, target: of }) => (action === "push" && of["tag"] ? [of["tag"]] : []));

test("webhooks change while Berth runs: one that failed is tried at its new address at once", async () => {
  await using wrong = await startTarget(fails);
  await using right = await startTarget();
  await using added = await startTarget();
  await using berth = await spawnBerth({
    config: { notifications: { webhooks: [{ name: "ci", url: wrong.url }] } },
  });
  const client = registryClient(berth.url);
  await client.push("team/app", oci.image(), "a");
  await until(() => wrong.requests.length >= 3, "it fails, and the next try is some seconds away");
  const file = join(berth.data, "..", "berth.yaml");
  const webhooks = [
    { name: "ci", url: right.url },
    { name: "added", url: added.url },
  ];
  await writeFile(`${file}.new`, stringify({ workers: 1, notifications: { webhooks } }));
  await rename(`${file}.new`, file);
  await until(() => tags(right).length === 1, "it is told there");
  await until(() => berth.logs().includes("the configuration was read again"), "the file was read");
  // The one that was added is told of what happens from now on; it takes a moment to begin.
  await until(async () => {
    await client.push("team/app", oci.image(), "b");
    return tags(added).length > 0;
  }, "the new one is told");
  assert.equal(new Set(tags(added)).has("a"), false);
  assert.deepEqual([...new Set(tags(right))], ["a", "b"]);
});

test(
  "a target with a certificate of its own CA is told where ca names it, and else isn't",
  needs("openssl"),
  async () => {
    using authority = makeAuthority();
    const { cert, keyText } = authority.issue("target");
    await using target = await startTarget(undefined, { cert, key: keyText });
    const hook = (name: string, more: object) => ({ name, url: target.url, events: "push", ...more });
    const webhooks = [hook("unknown", {}), hook("known", { ca: authority.file })];
    await using berth = await startBerth({}, JSON.stringify({ notifications: { webhooks } }));
    await registryClient(berth.url).push("team/app", oci.image(), "a");
    await until(() => tags(target).length > 0, "the one that knows the CA is told");
    const names = new Set(target.requests.map(({ headers }) => headers["x-berth-webhook"]));
    assert.deepEqual([...names], ["known"]);
  },
);
