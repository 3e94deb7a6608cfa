import assert from "node:assert/strict";
import { test } from "node:test";
import { oci, registryClient } from "../harness/registry-client.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { pageClient } from "./page-client.ts";

test("a Host header that looks like a name and is none is no fault of the server's", async () => {
  await using house = await startGuarded();
  const page = pageClient(house.url);
  for (const host of ["1.2.3.999", "a:99999", "[::::]", "xn--", "a..b", "a b", "0x7f.1"])
    assert.equal((await page.get("/session", { host })).status, 200, host);
});

test("a NUL in what is looked for is refused, whatever the store", async () => {
  await using house = await startGuarded();
  await house.addUser("alice");
  const page = pageClient(house.url);
  await page.signIn("alice", "password-of-alice");
  for (const path of [
    "/repositories?contains=a%00",
    "/repositories?last=%00",
    "/tags?repository=alice/app&last=%00",
  ])
    assert.equal((await page.get(path)).status, 400, path);
});

test("nothing that was pushed is taken for a script or a page by browsers", async () => {
  await using house = await startGuarded(
    '  rules: [{ repositories: "**", who: anonymous, allow: [pull, push] }]',
  );
  const client = registryClient(house.url);
  const image = oci.image();
  await client.push("team/app", image, "v1");
  const blob = image.blobs[0]?.digest ?? "";
  for (const path of [
    "/v2/team/app/manifests/v1",
    `/v2/team/app/blobs/${blob}`,
    `/v2/team/app/referrers/${image.digest}`,
    "/v2/team/app/tags/list",
    "/v2/other/app/tags/list",
    "/api/v1/users",
    "/api/v1/nothing",
    "/nothing",
  ])
    assert.equal((await client.get(path)).headers.get("x-content-type-options"), "nosniff", path);
});
