import assert from "node:assert/strict";
import { test } from "node:test";
import { passwordOf, startGuardedRegistry } from "./harness/guarded-registry.ts";
import { layoutClient } from "./harness/layout-client.ts";
import { tellOfPeople, tellOfSecrets, type SigningClient } from "./harness/sign-in-story.ts";
import { makeIssuer } from "./harness/workload-issuer.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("crane signs in, and may what its user may", needs("crane"), async () => {
  await using work = workplace();
  await using registry = await startGuardedRegistry(work);
  await tellOfPeople(craneClient(work, registry.host), registry);
});

test("crane signs in with robots' secrets, personal tokens and jobs' tokens", needs("crane"), async () => {
  await using work = workplace();
  const issuer = makeIssuer(work);
  await using registry = await startGuardedRegistry(work, issuer.auth);
  await tellOfSecrets(craneClient(work, registry.host), registry, issuer);
});

test("crane lists what its user may see, and deletes with the right to", needs("crane"), async () => {
  await using work = workplace();
  await using registry = await startGuardedRegistry(work);
  const { host } = registry;
  const client = craneClient(work, host);
  const as = (name: string) => client.login(name, passwordOf(name));
  const crane = (...args: string[]) => work.run("crane", args);
  await as("owner");
  await client.push(`${host}/public/app:v1`, "one");
  await client.push(`${host}/team/app:v1`, "one");
  assert.equal(await crane("catalog", host), "public/app\nteam/app\n");
  await as("stranger");
  assert.equal(await crane("catalog", host), "public/app\n");
  await assert.rejects(crane("ls", `${host}/team/app`), /stranger may not pull from team\/app/);
  await as("pusher");
  assert.equal(await crane("ls", `${host}/team/app`), "v1\n");
  const digest = await registry.digest("team/app", "v1");
  await assert.rejects(crane("delete", `${host}/team/app@${digest}`), /pusher may not delete from team\/app/);
  await client.logout();
  assert.equal(await crane("ls", `${host}/public/app`), "v1\n");
  assert.equal(await crane("catalog", host), "public/app\n");
  await assert.rejects(crane("ls", `${host}/team/app`), /UNAUTHORIZED|401/);

  await as("owner");
  await crane("delete", `${host}/team/app@${digest}`);
  assert.equal(await registry.status("team/app/manifests/v1"), 404);
});

function craneClient(work: Workplace, host: string): SigningClient {
  const crane = (...args: string[]) => work.run("crane", args);
  return {
    // It only writes the configuration.
    login: (name, secret) => crane("auth", "login", host, "-u", name, "-p", secret),
    logout: () => crane("auth", "logout", host),
    ...layoutClient(
      work,
      ({ folder }, name) => crane("push", folder, name),
      (name, folder) => crane("pull", "--format=oci", name, folder),
    ),
  };
}
