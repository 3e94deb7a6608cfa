import { test } from "node:test";
import { expectError, expectStatus, oci } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const rules = (allow: string) =>
  `  namespaces: none\n  rules:\n    - {repositories: 'team/**', who: 'user:bob', allow: ${allow}}\n` +
  `    - {repositories: 'team/**', who: 'user:carol', allow: [pull, delete]}`;

test("without the delete right nothing is deleted: tag, manifest by digest, blob (CVE-2026-41888)", async () => {
  await using house = await startGuarded(rules("[pull, push, overwrite]"));
  const bob = await house.addUser("bob");
  const image = oci.image();
  await house.as(bob).push("team/app", image, "v1");
  const bearer = house.bearer(await house.token(bob, "repository:team/app:*"));
  for (const client of [house.as(bob), bearer])
    for (const path of ["manifests/v1", `manifests/${image.digest}`, `blobs/${image.blobs[0]?.digest}`])
      expectError(await client.remove(`/v2/team/app/${path}`), 403, "DENIED");
  expectStatus(await bearer.get("/v2/team/app/manifests/v1"), 200);
});

test("anonymous delete is refused with a challenge for what is there and what isn't", async () => {
  await using house = await startGuarded(
    "  rules:\n    - {repositories: '**', who: anonymous, allow: [pull, push, overwrite]}",
  );
  const image = oci.image();
  const client = house.as(undefined);
  await client.push("team/app", image, "v1");
  for (const path of ["manifests/v1", `manifests/${image.digest}`, "manifests/none", `blobs/${image.digest}`])
    expectError(await client.remove(`/v2/team/app/${path}`), 401, "UNAUTHORIZED");
});

test("the delete right alone deletes, by tag and by digest, and doesn't push or move", async () => {
  await using house = await startGuarded(rules("[pull, push, overwrite]"));
  const [bob, carol] = [await house.addUser("bob"), await house.addUser("carol")];
  const image = oci.image();
  await house.as(bob).push("team/app", image, "v1");
  const client = house.as(carol);
  expectError(await client.putManifest("team/app", "v2", image.bytes, image.mediaType), 403, "DENIED");
  expectError(await client.request("POST", "/v2/team/app/blobs/uploads/"), 403, "DENIED");
  expectStatus(await client.remove("/v2/team/app/manifests/v1"), 202);
  expectStatus(await client.remove(`/v2/team/app/manifests/${image.digest}`), 202);
  expectStatus(await client.remove(`/v2/team/app/blobs/${image.blobs[0]?.digest}`), 202);
});
