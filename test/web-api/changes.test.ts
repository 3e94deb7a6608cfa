import assert from "node:assert/strict";
import { test } from "node:test";
import { oci } from "../harness/registry-client.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { pageClient } from "./page-client.ts";

const policy = `  rules:
    - {repositories: 'team/**', who: 'user:maker', allow: [pull, push]}
    - {repositories: 'team/**', who: 'user:owner', allow: '*'}
    - {repositories: 'team/**', who: 'user:reader', allow: pull}
  immutable_tags:
    - {repositories: 'team/**', tags: 'v*'}`;

async function team() {
  const house = await startGuarded(policy);
  const owner = await house.addUser("owner");
  for (const name of ["maker", "reader"]) await house.addUser(name);
  const [first, second] = [oci.image(), oci.image()];
  await house.as(owner).push("team/app", first, "first");
  await house.as(owner).push("team/app", second, "second");
  const pages = [];
  for (const name of ["owner", "maker", "reader"]) {
    const page = pageClient(house.url);
    await page.signIn(name, `password-of-${name}`);
    pages.push(page);
  }
  const [ownerPage, maker, reader] = pages as [(typeof pages)[0], (typeof pages)[0], (typeof pages)[0]];
  const names = async (tag: string) =>
    (await house.as(owner).head(`/v2/team/app/manifests/${tag}`)).headers.get("docker-content-digest");
  return { house, client: house.as(owner), first, second, owner: ownerPage, maker, reader, names };
}

const set = (tag: string, from: string) => ({ repository: "team/app", tag, from });

test("a tag is set by the rules of a push: making, moving, immutable ones", async () => {
  const { house, first, second, owner, maker, reader, names } = await team();
  await using _house = house;
  assert.equal((await reader.change("POST", "/tags", set("new", "first"))).status, 403);
  const made = await maker.change("POST", "/tags", set("new", "first"));
  assert.equal(made.status, 200, made.text);
  assert.deepEqual(made.json, { repository: "team/app", tag: "new", digest: first.digest });
  assert.equal(
    (await maker.change("POST", "/tags", set("new", second.digest))).status,
    403,
    "only owners move",
  );
  assert.equal(await names("new"), first.digest);
  assert.equal((await owner.change("POST", "/tags", set("new", second.digest))).status, 200);
  assert.equal(await names("new"), second.digest);
  assert.equal((await owner.change("POST", "/tags", set("v1", "first"))).status, 200);
  const immutable = await owner.change("POST", "/tags", set("v1", "second"));
  assert.equal(immutable.status, 403);
  assert.match(immutable.text, /immutable/);
  assert.equal(await names("v1"), first.digest);
  const { items } = (await owner.get("/tags?repository=team/app&contains=v1")).json;
  assert.equal(items[0].immutable, true);
  assert.equal((await owner.change("POST", "/tags", set("x", "nope"))).status, 404);
  assert.equal((await owner.change("POST", "/tags", set(".x", "first"))).status, 400);
  assert.equal((await owner.change("POST", "/tags", { ...set("x", "first"), more: 1 })).status, 400);
  assert.equal(
    (await owner.change("POST", "/tags", { ...set("x", "first"), repository: "nobody/app" })).status,
    403,
  );
});

test("a tag that was deleted comes back with what it named; not over one that was made meanwhile", async () => {
  const { house, client, first, second, owner, maker, reader, names } = await team();
  await using _house = house;
  assert.equal((await reader.change("DELETE", "/tags?repository=team/app&tag=first")).status, 403);
  assert.equal((await owner.change("DELETE", "/tags?repository=team/app&tag=first")).status, 204);
  assert.equal((await owner.change("DELETE", "/tags?repository=team/app&tag=first")).status, 404);
  assert.equal(await names("first"), undefined);
  const [removed] = (await reader.get("/removed-tags?repository=team/app")).json.items;
  assert.deepEqual([removed.name, removed.digest, removed.removedBy], ["first", first.digest, "owner"]);
  assert.ok(Date.parse(removed.until) > Date.parse(removed.removedAt));
  const restore = `/removed-tags/${removed.id}/restore`;
  assert.equal((await reader.change("POST", restore)).status, 403);

  const { bytes, mediaType } = second;
  await client.putManifest("team/app", "first", bytes, mediaType);
  const taken = await maker.change("POST", restore);
  assert.deepEqual([taken.status, taken.json.errors[0].code], [409, "EXISTS"]);
  assert.equal(await names("first"), second.digest);
  assert.equal((await owner.change("DELETE", "/tags?repository=team/app&tag=first")).status, 204);
  const back = await maker.change("POST", restore);
  assert.equal(back.status, 200, back.text);
  assert.deepEqual(back.json, { repository: "team/app", tag: "first", digest: first.digest });
  assert.equal(await names("first"), first.digest);
  assert.equal((await maker.change("POST", restore)).status, 404);
  for (const id of ["0", "x", "999999", "1e3", "-1", "9999999999999999999"])
    assert.equal((await owner.change("POST", `/removed-tags/${id}/restore`)).status, 404, id);
});

test("removed tags come in pages, newest first", async () => {
  const { house, client, first, owner } = await team();
  await using _house = house;
  for (const name of ["a", "b", "c"])
    await client.putManifest("team/app", name, first.bytes, first.mediaType);
  for (const name of ["a", "b", "c"]) await owner.change("DELETE", `/tags?repository=team/app&tag=${name}`);
  const seen: string[] = [];
  let last = "";
  for (let i = 0; i < 5; i++) {
    const { items, next } = (await owner.get(`/removed-tags?n=2&last=${last}`)).json;
    seen.push(...(items as { name: string }[]).map(({ name }) => name));
    if (next === undefined) break;
    last = next;
  }
  assert.deepEqual(seen, ["c", "b", "a"]);
});

test("a manifest goes with its tags, unless one is immutable", async () => {
  const { house, first, second, owner, maker, names } = await team();
  await using _house = house;
  const path = (digest: string) => `/manifests?repository=team/app&digest=${digest}`;
  assert.equal((await maker.change("DELETE", path(first.digest))).status, 403);
  assert.equal((await owner.change("POST", "/tags", set("v1", "second"))).status, 200);
  assert.equal((await owner.change("DELETE", path(second.digest))).status, 403);
  assert.equal(await names("second"), second.digest);
  assert.equal((await owner.change("DELETE", path(first.digest))).status, 204);
  assert.equal(await names("first"), undefined);
  assert.equal((await owner.change("DELETE", path(first.digest))).status, 404);
  assert.equal((await owner.change("DELETE", path("v1"))).status, 400, "a tag is no digest");
});

test("a tag is pinned by whoever may delete it", async () => {
  const { house, owner, maker } = await team();
  await using _house = house;
  const pin = (tag: string, pinned?: boolean) => ({ repository: "team/app", tag, pinned });
  const pinned = async () =>
    (await owner.get("/tags?repository=team/app&contains=first")).json.items[0].pinned as boolean;
  assert.equal((await maker.change("POST", "/pins", pin("first", true))).status, 403);
  assert.equal((await owner.change("POST", "/pins", pin("first", true))).status, 204);
  assert.equal(await pinned(), true);
  assert.equal((await owner.change("POST", "/pins", pin("first", false))).status, 204);
  assert.equal(await pinned(), false);
  assert.equal((await owner.change("POST", "/pins", pin("nope", true))).status, 404);
});

test("changes stand in the audit log under the name of who made them", async () => {
  const { house, owner } = await team();
  await using _house = house;
  await owner.change("POST", "/tags", set("new", "first"));
  await owner.change("DELETE", "/tags?repository=team/app&tag=new");
  const { default: Database } = await import("better-sqlite3");
  const db = new Database(`${house.data}/berth.db`, { readonly: true });
  const rows = db
    .prepare<[], { action: string; actor: string }>(
      "SELECT action, actor FROM audit WHERE tag = 'new' ORDER BY id",
    )
    .all();
  db.close();
  assert.deepEqual(rows, [
    { action: "create-tag", actor: "owner" },
    { action: "delete-tag", actor: "owner" },
  ]);
});
