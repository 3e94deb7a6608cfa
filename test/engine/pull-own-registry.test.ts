import assert from "node:assert/strict";
import { test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import { startGuarded } from "../guarded/guarded.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { isWhole, registriesPlace, signedIn } from "./registries-place.ts";

const policy = `  rules:
    - {repositories: 'open/**', who: anonymous, allow: pull}
    - {repositories: 'team/**', who: 'user:alice', allow: [pull, push]}`;
const auth = `auth:\n  mode: token\npolicy:\n${policy}\n`;

test("an image of this registry is pulled as the account that signs in, and without a copy", async () => {
  await using house = await startGuarded(policy);
  const [alice, eve] = [await house.addUser("alice"), await house.addUser("eve")];
  const admin = await house.addUser("root", { admin: true });
  const image = oci.image();
  await house.as(admin).push("team/app", image, "1");
  await house.as(admin).push("open/app", image, "1");
  await using place = await registriesPlace(house.berth, {}, auth);
  const host = new URL(house.url).host;

  const found = await place.pull(`${host}/team/app:1`, signedIn(alice, host));
  assert.ok(await isWhole(place, found));
  assert.deepEqual(
    place.steps.map(({ state }) => state),
    ["there"],
  );
  assert.deepEqual(await place.ownBlobs(), []);
  await place.pull(`${host}/open/app:1`);

  const denied = (app: string) => ({
    code: "engine-missing",
    message: new RegExp(
      `^pull access denied for ${host}/${app}, repository does not exist or may require 'docker login': denied: `,
    ),
  });
  await assert.rejects(place.pull(`${host}/team/app:1`), denied("team/app"));
  await assert.rejects(place.pull(`${host}/team/app:1`, signedIn(eve, host)), denied("team/app"));
  await assert.rejects(place.pull(`${host}/team/app:1`, signedIn({ ...alice, secret: "wrong" }, host)), {
    code: "engine-failed",
    message: "unauthorized: wrong name or password",
  });
  await assert.rejects(place.pull(`${host}/open/app:2`), {
    code: "engine-missing",
    message: `manifest for ${host}/open/app:2 not found: manifest unknown: manifest unknown`,
  });
  assert.ok(
    await place.find(`${host}/team/app:1`),
    "who may open the engine's socket may run what is hosted",
  );
  await assert.rejects(
    place.registries.tags(
      { domain: host, path: "team/app", tag: undefined, digest: undefined },
      undefined,
      AbortSignal.timeout(9_000),
    ),
    denied("team/app"),
  );
});

test("signing in at this registry gives a token that stands for the password", async () => {
  await using house = await startGuarded(policy);
  const alice = await house.addUser("alice");
  const admin = await house.addUser("root", { admin: true });
  await house.as(admin).push("team/app", oci.image(), "1");
  await using place = await registriesPlace(house.berth, {}, auth);
  const host = new URL(house.url).host;
  const signal = AbortSignal.timeout(20_000);
  const { identityToken } = await place.registries.signIn(signedIn(alice, host), signal);
  assert.notEqual(identityToken, "");
  const byToken = { username: "<token>", password: "", identityToken, serverAddress: host };
  assert.ok(await place.pull(`${host}/team/app:1`, byToken));
  await assert.rejects(place.registries.signIn(signedIn({ ...alice, secret: "x" }, host), signal), {
    code: "unauthenticated",
    message: `Get "http://${host}/v2/": unauthorized: wrong name or password`,
  });
});

test("without auth anybody pulls; an index gives its platform's image; a host in config is this registry", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const config = (architecture: string, variant?: string) =>
    oci.image({ config: Buffer.from(JSON.stringify({ os: "linux", architecture, variant })) });
  const [amd, arm6, arm7] = [config("amd64"), config("arm", "v6"), config("arm", "v7")];
  const platform = (architecture: string, variant?: string) => ({
    platform: { os: "linux", architecture, variant },
  });
  const index = oci.index({
    manifests: [
      {
        ...oci.image().descriptor,
        digest: amd.digest,
        size: amd.size,
        platform: { os: "unknown", architecture: "unknown" },
      },
      { ...amd.descriptor, ...platform("amd64") },
      { ...arm6.descriptor, ...platform("arm", "v6") },
      { ...arm7.descriptor, ...platform("arm", "v7") },
    ],
  });
  for (const image of [amd, arm6, arm7]) await client.push("team/many", image);
  await client.push("team/many", index, "1");
  await using place = await registriesPlace(berth, {
    external_url: "https://registry.example",
    engine: { ...(await engineSection()), registry_names: ["other.example:8443"] },
  });
  for (const name of ["registry.example/team/many:1", "other.example:8443/team/many:1"]) {
    const found = await place.pull(name);
    assert.equal(found.manifest, amd.digest);
    assert.equal(found.named, index.digest);
  }
  const name = `${new URL(berth.url).host}/team/many:1`;
  const arm = (variant: string) => ({ os: "linux", architecture: "arm", variant });
  assert.equal((await place.pull(name, undefined, arm("v7"))).manifest, arm7.digest);
  assert.equal((await place.pull(name, undefined, arm("v6"))).manifest, arm6.digest);
  const none = { os: "linux", architecture: "s390x", variant: undefined };
  await assert.rejects(place.pull(name, undefined, none), {
    code: "engine-missing",
    message: "no matching manifest for linux/s390x in the manifest list entries",
  });
  assert.equal(await place.find(name, none), undefined);
  const byDigest = await place.find(`${new URL(berth.url).host}/team/many@${index.digest}`);
  assert.equal(byDigest?.manifest, amd.digest);
});

async function engineSection() {
  const { defaultConfig } = await import("../harness/default-config.ts");
  return defaultConfig("/nowhere").engine;
}
