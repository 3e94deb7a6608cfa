import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { writeDockerArchive } from "./harness/docker-archive.ts";
import { startDockerd, type Dockerd } from "./harness/dockerd.ts";
import { passwordOf, startGuardedRegistry, type GuardedRegistry } from "./harness/guarded-registry.ts";
import { smallImage } from "./harness/image-content.ts";
import { tellOfPeople, tellOfSecrets, type SigningClient } from "./harness/sign-in-story.ts";
import { makeIssuer } from "./harness/workload-issuer.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("docker signs in, and may what its user may", needs("docker"), async () => {
  await using work = workplace();
  await using dockerd = await startDockerd(work);
  await using registry = await startGuardedRegistry(work);
  await tellOfPeople(await dockerClient(work, dockerd, registry.host), registry);
});

test("docker signs in with robots' secrets, personal tokens and jobs' tokens", needs("docker"), async () => {
  await using work = workplace();
  await using dockerd = await startDockerd(work);
  const issuer = makeIssuer(work);
  await using registry = await startGuardedRegistry(work, issuer.auth);
  await tellOfSecrets(await dockerClient(work, dockerd, registry.host), registry, issuer);
});

test(
  "docker keeps an identity token, which ends with a change of the password",
  needs("docker"),
  async () => {
    await using work = workplace();
    await using dockerd = await startDockerd(work);
    await using registry = await startGuardedRegistry(work);
    const client = await dockerClient(work, dockerd, registry.host);
    const name = `${registry.host}/team/app:1.0.0`;
    await client.login("owner", passwordOf("owner"));
    assert.match((await keptFor(work, registry)).identitytoken ?? "", /^brt_/);
    assert.doesNotMatch(
      await configText(work),
      new RegExp(Buffer.from(passwordOf("owner")).toString("base64")),
    );
    await client.push(name, "one");
    await client.pull(name);

    await registry.berth(["user", "passwd", "owner", "--password-file", "-"], "another password");
    await assert.rejects(client.push(name, "other"), /unauthorized|authentication required|wrong/i);
    await client.login("owner", "another password");
    await client.push(name, "other");
  },
);

test("docker is signed out where its token is removed", needs("docker"), async () => {
  await using work = workplace();
  await using dockerd = await startDockerd(work);
  await using registry = await startGuardedRegistry(work);
  const client = await dockerClient(work, dockerd, registry.host);
  const name = `${registry.host}/team/app:1.0.0`;
  await client.login("owner", passwordOf("owner"));
  await client.push(name, "one");
  const list = async () => {
    const listed = JSON.parse(await registry.berth(["token", "list", "owner", "--json"])) as {
      tokens: { id: number; kind: string; label: string }[];
    };
    return listed.tokens;
  };
  const [token, ...more] = await list();
  assert.deepEqual([token?.kind, token?.label, more], ["refresh", "docker", []]);
  await registry.berth(["token", "remove", String(token?.id)]);
  assert.deepEqual(await list(), []);
  await assert.rejects(client.pull(name), /unauthorized|authentication required|wrong/i);
  await assert.rejects(client.push(name, "other"), /unauthorized|authentication required|wrong/i);
});

test("docker's token of a user who is taken out ends at once", needs("docker"), async () => {
  await using work = workplace();
  await using dockerd = await startDockerd(work);
  await using registry = await startGuardedRegistry(work);
  const client = await dockerClient(work, dockerd, registry.host);
  const name = `${registry.host}/team/app:1.0.0`;
  await client.login("owner", passwordOf("owner"));
  await client.push(name, "one");
  await registry.berth(["user", "remove", "owner"]);
  await assert.rejects(client.pull(name), /unauthorized|authentication required|denied/i);
});

async function dockerClient(work: Workplace, { docker }: Dockerd, host: string): Promise<SigningClient> {
  const image = { ...smallImage, layerBytes: 20_000 };
  const ids = new Map<string, string>();
  for (const [which, content] of [
    ["one", image],
    ["other", { ...image, seed: "other" }],
  ] as const) {
    const archive = join(work.path, `${which}.tar`);
    ids.set(which, writeDockerArchive(archive, `local/${which}:v1`, content));
    await docker("load", "--input", archive);
  }
  return {
    login: (name, secret) => docker("login", "-u", name, "-p", secret, host),
    logout: () => docker("logout", host),
    async push(name, which) {
      await docker("tag", `local/${which}:v1`, name);
      await docker("push", name);
    },
    async pull(name) {
      await docker("rmi", "--force", ids.get("one") ?? "");
      try {
        await docker("pull", name);
        // Docker checks the digests below it.
        assert.equal((await docker("images", "--no-trunc", "--quiet", name)).trim(), ids.get("one"));
      } finally {
        await docker("load", "--input", join(work.path, "one.tar"));
      }
    },
  };
}

function configText(work: Workplace): Promise<string> {
  return readFile(join(work.folder("docker-config"), "config.json"), "utf8");
}

async function keptFor(work: Workplace, { host }: GuardedRegistry): Promise<{ identitytoken?: string }> {
  const { auths } = JSON.parse(await configText(work)) as {
    auths: Record<string, { identitytoken?: string }>;
  };
  return auths[host] ?? {};
}
