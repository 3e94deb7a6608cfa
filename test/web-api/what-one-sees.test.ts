import assert from "node:assert/strict";
import { test } from "node:test";
import type { ActivityView, Listed, RepositoryView } from "#core/web/views.ts";
import { oci, type ManifestContent } from "../harness/registry-client.ts";
import { startGuarded, type Guarded } from "../guarded/guarded.ts";
import { pageClient, type PageClient } from "./page-client.ts";

const policy = `  rules:
    - {repositories: 'public/**', who: anonymous, allow: pull}
    - {repositories: 'public/**', who: 'user:alice', allow: '*'}`;

async function house(): Promise<{
  house: Guarded;
  secret: ManifestContent;
  alice: PageClient;
  bob: PageClient;
  admin: PageClient;
  nobody: PageClient;
}> {
  const place = await startGuarded(policy);
  const [alice, bob] = [await place.addUser("alice"), await place.addUser("bob")];
  await place.addUser("root-user", { admin: true });
  const secret = oci.image();
  await place.as(bob).push("bob/secret", secret, "hidden-tag");
  await place.as(alice).push("alice/app", oci.image(), "v1");
  await place.as(alice).push("public/base", oci.image(), "latest");
  const pages = [];
  for (const name of ["alice", "bob", "root-user"]) {
    const page = pageClient(place.url);
    assert.equal((await page.signIn(name, `password-of-${name}`)).status, 200);
    pages.push(page);
  }
  const [first, second, third] = pages as [PageClient, PageClient, PageClient];
  return { house: place, secret, alice: first, bob: second, admin: third, nobody: pageClient(place.url) };
}

const names = async (page: PageClient, query = "") =>
  ((await page.get(`/repositories${query}`)).json as Listed<RepositoryView>).items.map(({ name }) => name);

test("everybody sees the repositories that he may pull from, and no others", async () => {
  const { house: place, alice, bob, admin, nobody } = await house();
  await using _place = place;
  assert.deepEqual(await names(nobody), ["public/base"]);
  assert.deepEqual(await names(alice), ["alice/app", "public/base"]);
  assert.deepEqual(await names(bob), ["bob/secret", "public/base"]);
  assert.deepEqual(await names(admin), ["alice/app", "bob/secret", "public/base"]);
  assert.deepEqual(await names(admin, "?contains=se"), ["bob/secret", "public/base"]);
  assert.deepEqual(await names(alice, "?contains=se"), ["public/base"]);
  assert.deepEqual(await names(alice, "?contains=%25"), []);

  const first = (await admin.get("/repositories?n=1")).json;
  assert.deepEqual([first.items[0].name, first.next], ["alice/app", "alice/app"]);
  const second = (await admin.get("/repositories?n=1&last=alice/app")).json;
  assert.deepEqual([second.items[0].name, second.next], ["bob/secret", "bob/secret"]);
  // What follows next is never named by what can't be seen.
  const mine = (await alice.get("/repositories?n=1")).json;
  assert.equal(mine.next, "alice/app");
  assert.equal((await alice.get("/repositories?n=1&last=alice/app")).json.next, undefined);
  assert.deepEqual(await names(admin, "?last=!"), ["alice/app", "bob/secret", "public/base"]);
});

test("what others keep is refused alike, whether it is there or not", async () => {
  const { house: place, alice, bob, nobody, secret } = await house();
  await using _place = place;
  const asked = (repository: string, reference: string) => [
    `/tags?repository=${repository}`,
    `/manifest?repository=${repository}&reference=${reference}`,
    `/removed-tags?repository=${repository}`,
  ];
  for (const path of [...asked("bob/secret", "hidden-tag"), ...asked("bob/secret", secret.digest)]) {
    const there = await alice.get(path);
    const missing = await alice.get(path.replace("bob/secret", "bob/nothing"));
    assert.deepEqual([there.status, missing.status], [403, 403], path);
    assert.equal(there.text.replaceAll("secret", "nothing"), missing.text);
    assert.equal((await nobody.get(path)).status, 401);
    assert.equal((await bob.get(path)).status, 200);
  }
  assert.equal((await bob.get("/manifest?repository=bob/secret&reference=nope")).status, 404);
  assert.equal((await bob.get("/tags?repository=bob/nothing")).status, 404);
  for (const change of ["DELETE /tags", "DELETE /manifests"]) {
    const [method = "", path = ""] = change.split(" ");
    const query = `?repository=bob/secret&tag=hidden-tag&digest=${secret.digest}`;
    assert.equal((await alice.change(method, path + query)).status, 403);
  }
});

test("usage, activity, health and removed tags tell nothing of what others keep", async () => {
  const { house: place, alice, bob, admin, nobody } = await house();
  await using _place = place;
  assert.equal((await bob.change("DELETE", "/tags?repository=bob/secret&tag=hidden-tag")).status, 204);
  const removed = (await bob.get("/removed-tags")).json.items;
  assert.equal(removed.length, 1);
  assert.deepEqual(
    [removed[0].repository, removed[0].name, removed[0].removedBy],
    ["bob/secret", "hidden-tag", "bob"],
  );
  for (const page of [alice, nobody]) {
    for (const path of ["/usage", "/activity", "/health", "/removed-tags", "/upstreams", "/repositories"]) {
      const answer = await page.get(path);
      assert.equal(answer.status, 200, path);
      assert.doesNotMatch(answer.text, /bob|secret|hidden/, path);
    }
    // An id tells nothing either.
    const restore = await page.change("POST", `/removed-tags/${removed[0].id}/restore`);
    assert.equal(restore.status, 404);
    assert.doesNotMatch(restore.text, /bob|secret/);
    assert.ok([401, 403].includes((await page.get("/containers")).status));
  }
  const usage = (await alice.get("/usage")).json;
  assert.equal(usage.total.repositories, 2);
  assert.equal(usage.disk, undefined);
  const all = (await admin.get("/usage")).json;
  assert.equal(all.total.repositories, 3);
  assert.ok(all.disk.total > 0 && all.disk.free > 0);
  assert.ok(all.repositories[0].bytes >= all.repositories[2].bytes);
  const [event] = ((await admin.get("/activity")).json as ActivityView).events;
  assert.deepEqual([event?.action, event?.repository, event?.actor], ["delete", "bob/secret", "bob"]);
  const own = (await alice.get("/activity")).json.events;
  assert.ok(own.length > 0);
  for (const one of own) assert.match(one.repository, /^(alice|public)\//);
  const seen = (await nobody.get("/activity")).json;
  for (const event of seen.events)
    assert.deepEqual([event.repository, event.actor], ["public/base", undefined]);
  assert.deepEqual(seen.uploads, []);
  const health = (await admin.get("/health")).json;
  assert.deepEqual([health.ready, health.damage], [true, []]);
  assert.equal(typeof health.garbage.waitingBytes, "number");
});
