import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startContainerd, type Containerd } from "./harness/containerd.ts";
import { passwordOf, startGuardedRegistry } from "./harness/guarded-registry.ts";
import { twoImages } from "./harness/layout-client.ts";
import { layoutArchive } from "./harness/oci-layout.ts";
import { assertSameContent } from "./harness/same-content.ts";
import { tellOfPeople, tellOfSecrets, type SigningClient } from "./harness/sign-in-story.ts";
import { makeIssuer } from "./harness/workload-issuer.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("ctr with --user may what its user may", needs("containerd"), async () => {
  await using work = workplace();
  await using containerd = await startContainerd(work);
  await using registry = await startGuardedRegistry(work);
  await tellOfPeople(await ctrClient(work, containerd, ["--plain-http"]), registry);
});

test("ctr with robots' secrets, personal tokens and jobs' tokens", needs("containerd"), async () => {
  await using work = workplace();
  await using containerd = await startContainerd(work);
  const issuer = makeIssuer(work);
  await using registry = await startGuardedRegistry(work, issuer.auth);
  await tellOfSecrets(await ctrClient(work, containerd, ["--plain-http"]), registry, issuer);
});

test("ctr finds the registry through hosts.toml, signed in and anonymous", needs("containerd"), async () => {
  await using work = workplace();
  await using containerd = await startContainerd(work);
  await using registry = await startGuardedRegistry(work);
  const url = `http://${registry.host}`;
  writeFileSync(
    join(work.folder(join("hosts", "registry.example")), "hosts.toml"),
    `server = "${url}"\n[host."${url}"]\n  capabilities = ["pull", "resolve", "push"]\n`,
  );
  // What stands before the slash is only a name now.
  const named = { ...registry, host: "registry.example" };
  await tellOfPeople(await ctrClient(work, containerd, ["--hosts-dir", work.folder("hosts")]), named);
});

test("ctr --refresh signs in with a refresh token until it is removed", needs("containerd"), async () => {
  await using work = workplace();
  await using containerd = await startContainerd(work);
  await using registry = await startGuardedRegistry(work);
  const client = await ctrClient(work, containerd, ["--plain-http"]);
  const name = `${registry.host}/team/app:1.0.0`;
  const form = new URLSearchParams({
    grant_type: "password",
    username: "owner",
    password: passwordOf("owner"),
    service: "registry.test",
    client_id: "a script",
    access_type: "offline",
  });
  const answer = await fetch(`http://${registry.host}/token`, { method: "POST", body: form });
  const { refresh_token: token = "" } = (await answer.json()) as { refresh_token?: string };
  assert.match(token, /^brt_/);
  await client.login("", token);
  await client.push(name, "one");
  await client.pull(name);
  const { tokens } = JSON.parse(await registry.berth(["token", "list", "owner", "--json"])) as {
    tokens: { id: number }[];
  };
  for (const { id } of tokens) await registry.berth(["token", "remove", String(id)]);
  await assert.rejects(client.pull(name), /unauthorized|401|invalid_grant/i);
});

/** ctr has no login: the user goes with every call. @param how it finds the registry. */
async function ctrClient(
  work: Workplace,
  { ctr, content }: Containerd,
  how: readonly string[],
): Promise<SigningClient> {
  const images = twoImages(work);
  const archives = {
    one: await layoutArchive(work, images.one),
    other: await layoutArchive(work, images.other),
  };
  let user: string[] = [];
  const forgetAll = async () => {
    const names = (await ctr("images", "ls", "--quiet")).split("\n").filter((name) => name !== "");
    if (names.length > 0) await ctr("images", "rm", "--sync", ...names);
    assert.equal(await ctr("content", "ls", "--quiet"), "");
  };
  return {
    refused: /403 Forbidden/,
    // ctr 1.6 may close the manifest's body before it has read the answer to it.
    brokenOff: /authorization failed|401|closed pipe/,
    login: (name, secret) => {
      user = name === "" ? ["--refresh", secret] : ["--user", `${name}:${secret}`];
      return Promise.resolve();
    },
    logout: () => {
      user = [];
      return Promise.resolve();
    },
    async push(name, which) {
      await forgetAll();
      await ctr("images", "import", "--no-unpack", "--base-name", "local/image", archives[which]);
      await ctr("images", "tag", "local/image:v1", name);
      await ctr("images", "push", ...how, ...user, name);
    },
    async pull(name) {
      await forgetAll();
      await ctr("images", "pull", "--snapshotter", "native", ...how, ...user, name);
      await assertSameContent(images.one, content);
    },
  };
}
