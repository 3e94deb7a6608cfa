import { test } from "node:test";
import { expectError, expectStatus, oci } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

test("/metrics takes a right: admins and whom policy.metrics names; nobody else, HEAD and odd spellings too", async () => {
  await using house = await startGuarded("  metrics: ['group:watchers']\n  rules: []");
  const admin = await house.addUser("root-user", { admin: true });
  const [alice, watcher] = [await house.addUser("alice"), await house.addUser("watcher")];
  await house.addGroup("watchers", watcher);
  for (const path of ["/metrics", "/metrics/", "/METRICS", "/metrics?x=1"])
    for (const method of ["GET", "HEAD"]) {
      expectStatus(await house.as(undefined).request(method, path), 401, 404);
      expectStatus(await house.as(alice).request(method, path), 403, 404);
    }
  for (const who of [admin, watcher]) expectStatus(await house.as(who).get("/metrics"), 200);
  const anonymous = await house.token(undefined);
  expectError(await house.bearer(anonymous).get("/metrics"), 401, "UNAUTHORIZED");
  // A token for repositories isn't one for the server's inside, whoever has it.
  expectStatus(await house.bearer(await house.token(admin, "repository:a:pull")).get("/metrics"), 401, 403);
  const narrow = await house.addPersonal(admin, [{ repositories: "**", actions: ["pull"] }]);
  expectError(await house.as(narrow).get("/metrics"), 403, "DENIED");
});

test("health needs no right and tells nothing", async () => {
  await using house = await startGuarded();
  for (const path of ["/livez", "/readyz"]) {
    expectStatus(await house.as(undefined).get(path), 200);
    expectStatus(await house.as({ name: "no", secret: "body" }).get(path), 200);
  }
});

const calls: [method: string, path: string, body?: unknown][] = [
  ["GET", "/users"],
  ["POST", "/users", { name: "mallory", password: "mallory's own", admin: true }],
  ["PATCH", "/users/bob", { admin: true }],
  ["PATCH", "/users/bob", { enabled: true }],
  ["PATCH", "/users/alice", { enabled: false }],
  ["POST", "/users/alice/password", { password: "taken over" }],
  ["DELETE", "/users/alice"],
  ["GET", "/users/alice"],
  ["GET", "/users/alice/tokens"],
  ["POST", "/users/alice/tokens", { label: "stolen" }],
  ["DELETE", "/tokens/1"],
  ["GET", "/robots"],
  ["POST", "/robots", { name: "mallory", rights: [{ repositories: "**", actions: ["pull"] }] }],
  ["GET", "/robots/ci"],
  ["PATCH", "/robots/ci", { rights: [{ repositories: "**", actions: ["pull"] }] }],
  ["POST", "/robots/ci/secret", {}],
  ["DELETE", "/robots/ci"],
  ["GET", "/groups"],
  ["POST", "/groups", { name: "mine" }],
  ["PUT", "/groups/team/members/bob"],
  ["DELETE", "/groups/team/members/alice"],
  ["DELETE", "/groups/team"],
];

test("the accounts' API takes an admin: anonymous 401; users, robots, tokens and narrower credentials 403", async () => {
  await using house = await startGuarded();
  const admin = await house.addUser("root-user", { admin: true });
  const [alice, bob] = [await house.addUser("alice"), await house.addUser("bob")];
  const robot = await house.addRobot("ci", [{ repositories: "**", actions: ["pull", "push"] }]);
  await house.addGroup("team", alice);
  await house.addPersonal(alice);
  const narrow = await house.addPersonal(admin, [{ repositories: "**", actions: ["pull"] }]);
  const bearer = await house.token(admin, "repository:a:pull", "registry:catalog:*");
  const refusals = [
    [house.as(undefined), 401],
    [house.bearer(await house.token(undefined)), 401],
    [house.as(bob), 403],
    [house.as(robot), 403],
    [house.as(narrow), 403],
    [house.bearer(bearer), 403],
  ] as const;
  for (const [method, path, body] of calls)
    for (const [client, status] of refusals) {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const answer = await client.request(method, `/api/v1${path}`, {
        headers: { "content-type": "application/json" },
        ...(text === undefined ? {} : { body: text }),
      });
      expectStatus(answer, status);
    }
  expectStatus(await house.as(admin).get("/api/v1/users"), 200);
  expectStatus(await house.as(alice).get("/v2/"), 200);
});

test("an admin who is one no more manages nothing from then on", async () => {
  await using house = await startGuarded();
  const [first, second] = [
    await house.addUser("root-a", { admin: true }),
    await house.addUser("root-b", { admin: true }),
  ];
  await house.as(first).push("any/where", oci.image(), "v1");
  expectStatus(await house.as(second).get("/api/v1/users"), 200);
  await house.manage("PATCH", "/users/root-b", { admin: false });
  expectStatus(await house.as(second).get("/api/v1/users"), 403);
  expectError(await house.as(second).get("/v2/any/where/manifests/v1"), 403, "DENIED");
});

test("what a page of somebody else's can send (a form, text) changes nothing", async () => {
  await using house = await startGuarded();
  const admin = await house.addUser("root-user", { admin: true });
  for (const type of [
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data; boundary=x",
    undefined,
  ])
    expectStatus(
      await house.as(admin).request("POST", "/api/v1/groups", {
        headers: type === undefined ? {} : { "content-type": type },
        body: JSON.stringify({ name: "made" }),
      }),
      415,
    );
});
