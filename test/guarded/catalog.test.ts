import assert from "node:assert/strict";
import { test } from "node:test";
import { expectError, expectStatus, oci, type RegistryClient } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const policy = "  rules:\n    - {repositories: 'public/**', who: anonymous, allow: pull}";
const names = ["alice/a", "alice/b", "bob/a", "bob/b", "public/a", "public/b", "secret/a"];

async function filled() {
  const house = await startGuarded(policy);
  const admin = await house.addUser("root-user", { admin: true });
  for (const name of names) await house.as(admin).push(name, oci.image(), "v1");
  return { house, admin, alice: await house.addUser("alice"), bob: await house.addUser("bob") };
}

/** The whole catalog, page by page; each page is as long as was asked for, but for the last. */
async function pages(client: RegistryClient, n: number): Promise<string[]> {
  const found: string[] = [];
  let path: string | undefined = `/v2/_catalog?n=${n}`;
  for (let at = 0; path !== undefined && at < 20; at++) {
    const answer = await client.get(path);
    expectStatus(answer, 200);
    const { repositories } = JSON.parse(answer.body.toString()) as { repositories: string[] };
    found.push(...repositories);
    path = /^<([^>]+)>/.exec(answer.headers.get("link") ?? "")?.[1];
    assert.ok(repositories.length === n || path === undefined, `a short page of ${repositories.length}`);
    if (path !== undefined) assert.ok(path.includes(encodeURIComponent(repositories.at(-1) ?? "?")), path);
  }
  return found;
}

const visible = (who: string) =>
  names.filter((name) => name.startsWith("public/") || name.startsWith(`${who}/`));

for (const n of [1, 2, 3, 100])
  test(`the catalog lists only what one may read, in pages of ${n}, which tell no other name`, async () => {
    const { house, admin, alice, bob } = await filled();
    await using _house = house;
    const token = (who: typeof alice | undefined) => house.token(who, "registry:catalog:*");
    for (const client of [house.as(alice), house.bearer(await token(alice))])
      assert.deepEqual(await pages(client, n), visible("alice"));
    assert.deepEqual(await pages(house.as(bob), n), visible("bob"));
    assert.deepEqual(await pages(house.as(admin), n), names);
    assert.deepEqual(await pages(house.bearer(await token(undefined)), n), visible("public"));
  });

test("last may be a name that one may not read, or that isn't there: only order counts", async () => {
  const { house, alice } = await filled();
  await using _house = house;
  for (const last of ["bob/a", "bob/b", "bob/zzz", "c"]) {
    const answer = await house.as(alice).get(`/v2/_catalog?n=100&last=${encodeURIComponent(last)}`);
    assert.equal(answer.body.toString(), JSON.stringify({ repositories: ["public/a", "public/b"] }));
  }
});

test("the limits of a personal token bound its catalog", async () => {
  const { house, alice } = await filled();
  await using _house = house;
  const narrow = await house.addPersonal(alice, [{ repositories: "alice/b", actions: ["pull"] }]);
  assert.deepEqual(await pages(house.as(narrow), 10), ["alice/b"]);
  const token = house.bearer(await house.token(narrow, "registry:catalog:*"));
  assert.deepEqual(await pages(token, 10), ["alice/b"]);
});

test("without credentials, or with a token for repositories, the catalog is refused with its challenge", async () => {
  const { house, alice } = await filled();
  await using _house = house;
  for (const client of [
    house.as(undefined),
    house.bearer(await house.token(alice, "repository:alice/a:pull")),
  ]) {
    const answer = await client.get("/v2/_catalog");
    expectError(answer, 401, "UNAUTHORIZED");
    assert.match(answer.headers.get("www-authenticate") ?? "", /scope="registry:catalog:\*"/);
  }
});
