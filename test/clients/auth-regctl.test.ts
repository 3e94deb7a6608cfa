import assert from "node:assert/strict";
import { test } from "node:test";
import { passwordOf, startGuardedRegistry } from "./harness/guarded-registry.ts";
import { layoutClient } from "./harness/layout-client.ts";
import { tellOfPeople, tellOfSecrets, type SigningClient } from "./harness/sign-in-story.ts";
import { makeIssuer } from "./harness/workload-issuer.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("regctl signs in, and may what its user may", needs("regctl"), async () => {
  await using work = workplace();
  await using registry = await startGuardedRegistry(work);
  await tellOfPeople(await regctlClient(work, registry.host), registry);
});

test("regctl signs in with robots' secrets, personal tokens and jobs' tokens", needs("regctl"), async () => {
  await using work = workplace();
  const issuer = makeIssuer(work);
  await using registry = await startGuardedRegistry(work, issuer.auth);
  await tellOfSecrets(await regctlClient(work, registry.host), registry, issuer);
});

test("regctl deletes a tag and an image only with the right to", needs("regctl"), async () => {
  await using work = workplace();
  await using registry = await startGuardedRegistry(work);
  const { host } = registry;
  const client = await regctlClient(work, host);
  const as = (name: string) => client.login(name, passwordOf(name));
  const regctl = (...args: string[]) => work.run("regctl", args);
  const name = `${host}/team/app`;
  await as("pusher");
  for (const tag of ["v1", "v2"]) await client.push(`${name}:${tag}`, "one");
  assert.equal(await regctl("repo", "ls", host), "team/app\n");
  await assert.rejects(regctl("tag", "delete", `${name}:v1`), /403|forbidden|may not delete/i);
  await assert.rejects(
    regctl("manifest", "delete", `${name}@${await registry.digest("team/app", "v1")}`),
    /403|forbidden|may not delete/i,
  );
  assert.deepEqual(await registry.tags("team/app"), ["v1", "v2"]);
  await as("owner");
  await regctl("tag", "delete", `${name}:v1`);
  assert.deepEqual(await registry.tags("team/app"), ["v2"]);
});

async function regctlClient(work: Workplace, host: string): Promise<SigningClient> {
  const regctl = (...args: string[]) => work.run("regctl", args);
  await regctl("registry", "set", "--tls", "disabled", host);
  return {
    login: (name, secret) => regctl("registry", "login", host, "-u", name, "-p", secret),
    logout: () => regctl("registry", "logout", host),
    ...layoutClient(
      work,
      ({ folder, tag }, name) => regctl("image", "copy", `ocidir://${folder}:${tag}`, name),
      (name, folder) => regctl("image", "copy", name, `ocidir://${folder}:v1`),
    ),
  };
}
