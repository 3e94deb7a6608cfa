import assert from "node:assert/strict";
import { test } from "node:test";
import { startGuarded } from "../guarded/guarded.ts";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { isWhole, registriesPlace, signedIn } from "./registries-place.ts";

const policy = "  rules:\n    - {repositories: 'team/**', who: 'user:alice', allow: [pull, push]}";

test("where another token server has the accounts, the running registry says who may", async () => {
  await using desk = await startGuarded(policy);
  const [alice, eve] = [await desk.addUser("alice"), await desk.addUser("eve")];
  const file = `auth:
  mode: outside
  service: berth
  outside: {realm: "${desk.url}/token", issuer: berth, jwks_url: "${desk.url}/token/jwks.json"}
`;
  await using berth = await startBerth({}, file);
  const image = oci.image();
  const token = await desk.token(alice, "repository:team/app:pull,push");
  await registryClient(berth.url, {}, { authorization: `Bearer ${token}` }).push("team/app", image, "1");

  await using place = await registriesPlace(berth, {}, file);
  const { host } = new URL(berth.url);
  const found = await place.pull(`${host}/team/app:1`, signedIn(alice, host));
  assert.ok(await isWhole(place, found));
  assert.deepEqual(await place.ownBlobs(), [], "held by links all the same");
  await assert.rejects(place.pull(`${host}/team/app:1`), /^AppError: pull access denied/);
  await assert.rejects(place.pull(`${host}/team/app:1`, signedIn(eve, host)), /denied|unauthorized/);

  const signal = AbortSignal.timeout(20_000);
  await place.registries.signIn(signedIn(alice, host), signal);
  await assert.rejects(place.registries.signIn(signedIn({ ...alice, secret: "x" }, host), signal), {
    code: "unauthenticated",
  });

  await place.push(found, `${host}/team/copy:1`, signedIn(alice, host));
  const loaded = await place.load(oci.image({ layers: [freshBytes(100_000)] }));
  await place.push(loaded, `${host}/team/new:1`, signedIn(alice, host));
  const reader = await desk.token(alice, "repository:team/new:pull", "repository:team/copy:pull");
  const client = registryClient(berth.url, {}, { authorization: `Bearer ${reader}` });
  for (const name of ["new", "copy"]) expectStatus(await client.get(`/v2/team/${name}/manifests/1`), 200);
  await assert.rejects(
    place.push(loaded, `${host}/other/new:1`, signedIn(alice, host)),
    /denied|unauthorized/,
  );
});
