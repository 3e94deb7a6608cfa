import assert from "node:assert/strict";
import { test } from "node:test";
import { passwordOf, startGuardedRegistry } from "./harness/guarded-registry.ts";
import { skopeoIn } from "./harness/image-tool.ts";
import { layoutClient } from "./harness/layout-client.ts";
import { tellOfPeople, tellOfSecrets, type SigningClient } from "./harness/sign-in-story.ts";
import { makeIssuer } from "./harness/workload-issuer.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("skopeo signs in, and may what its user may", needs("skopeo"), async () => {
  await using work = workplace();
  await using registry = await startGuardedRegistry(work);
  await tellOfPeople(skopeoClient(work, registry.host), registry);
});

test("skopeo signs in with robots' secrets, personal tokens and jobs' tokens", needs("skopeo"), async () => {
  await using work = workplace();
  const issuer = makeIssuer(work);
  await using registry = await startGuardedRegistry(work, issuer.auth);
  await tellOfSecrets(skopeoClient(work, registry.host), registry, issuer);
});

test("skopeo deletes an image only with the right to", needs("skopeo"), async () => {
  await using work = workplace();
  await using registry = await startGuardedRegistry(work);
  const skopeo = skopeoIn(work);
  const client = skopeoClient(work, registry.host);
  const name = `${registry.host}/team/app:1.0.0`;
  await client.login("pusher", passwordOf("pusher"));
  await client.push(name, "one");
  const remove = () => skopeo("delete", "--tls-verify=false", `docker://${name}`);
  await assert.rejects(remove(), /pusher may not delete from team\/app/);
  await client.pull(name);
  await client.login("owner", passwordOf("owner"));
  await remove();
  assert.equal(await registry.status("team/app/manifests/1.0.0"), 404);
});

function skopeoClient(work: Workplace, host: string): SigningClient {
  const skopeo = skopeoIn(work);
  const copy = (from: string, to: string) =>
    skopeo("copy", "--src-tls-verify=false", "--dest-tls-verify=false", from, to);
  return {
    login: (name, secret) => skopeo("login", "--tls-verify=false", "-u", name, "-p", secret, host),
    logout: () => skopeo("logout", host),
    ...layoutClient(
      work,
      ({ folder, tag }, name) => copy(`oci:${folder}:${tag}`, `docker://${name}`),
      (name, folder) => copy(`docker://${name}`, `oci:${folder}:v1`),
    ),
  };
}
