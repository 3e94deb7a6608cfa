import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeAuthority, type Authority } from "../harness/certificates.ts";
import { proxyAddress, startNginx, type Nginx } from "../nginx/nginx.ts";
import { writeDockerArchive } from "./harness/docker-archive.ts";
import { startDockerd } from "./harness/dockerd.ts";
import { passwordOf, startGuardedRegistry, type GuardedRegistry } from "./harness/guarded-registry.ts";
import { bigImage } from "./harness/image-content.ts";
import { skopeoIn } from "./harness/image-tool.ts";
import { layoutClient } from "./harness/layout-client.ts";
import { leftovers } from "./harness/leftovers.ts";
import { startNamedHost } from "./harness/named-host.ts";
import { tellOfPeople } from "./harness/sign-in-story.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

const MiB = 1024 * 1024;

test(
  "docker signs in at HOST:PORT behind nginx, and pushes and pulls 570 MB",
  needs("docker", "nginx", "openssl"),
  async () => {
    await using work = workplace();
    using authority = makeAuthority();
    await using front = await startFront(work, authority);
    await using named = await startNamedHost("registry.test");
    const host = `registry.test:${new URL(front.nginx.url).port}`;
    await using dockerd = await startDockerd(work, { proxy: named.proxy });
    const { docker } = dockerd;
    const login = (password: string) => docker("login", "-u", "owner", "-p", password, host);
    await assert.rejects(login(passwordOf("owner")), /certificate signed by unknown authority/);

    using _ = trustInDocker(host, authority);
    await assert.rejects(login("wrong"), /unauthorized/);
    await login(passwordOf("owner"));
    front.nginx.forbidTemporaryFiles();
    const name = `${host}/team/big:v1`;
    const archive = join(work.path, "big.tar");
    const id = writeDockerArchive(archive, name, bigImage);
    await docker("load", "--input", archive);
    await docker("push", name);

    await docker("rmi", "--force", id);
    const before = await sentBy(front.registry);
    await docker("pull", name);
    // The id is the configuration's digest, which names the digest of every layer; docker checks them.
    assert.equal((await docker("images", "--no-trunc", "--quiet", name)).trim(), id);
    assert.ok((await sentBy(front.registry)) - before < MiB, "Berth itself sent the layers");
    assert.doesNotMatch(front.nginx.errors(), /\[(error|crit|alert|emerg)\]/);

    await docker("logout", host);
    await assert.rejects(docker("pull", name), /may require 'docker login'/);
  },
);

test(
  "skopeo signs in behind nginx, and may what its user may",
  needs("skopeo", "nginx", "openssl"),
  async () => {
    await using work = workplace();
    using authority = makeAuthority();
    await using front = await startFront(work, authority);
    const { host } = new URL(front.nginx.url);
    const certificates = work.folder("certificates");
    const skopeo = skopeoIn(work);
    const signIn = (name: string, secret: string) =>
      skopeo("login", "--cert-dir", certificates, "-u", name, "-p", secret, host);
    await assert.rejects(signIn("owner", passwordOf("owner")), /unknown authority/);
    copyFileSync(authority.file, join(certificates, "ca.crt"));
    const copy = (from: string, to: string) =>
      skopeo("copy", "--src-cert-dir", certificates, "--dest-cert-dir", certificates, from, to);
    const client = {
      login: signIn,
      logout: () => skopeo("logout", host),
      ...layoutClient(
        work,
        ({ folder, tag }, name) => copy(`oci:${folder}:${tag}`, `docker://${name}`),
        (name, folder) => copy(`docker://${name}`, `oci:${folder}:v1`),
      ),
    };
    await tellOfPeople(client, { ...front.registry, host });
  },
);

interface Front extends AsyncDisposable {
  registry: GuardedRegistry;
  nginx: Nginx;
}

/** Two workers with accounts, behind the nginx of docker/nginx that sends the blobs. */
async function startFront(work: Workplace, authority: Authority): Promise<Front> {
  await using stack = new AsyncDisposableStack();
  const registry = stack.use(
    await startGuardedRegistry(
      work,
      {},
      { trusted_proxies: [proxyAddress], storage: { disk: { x_accel_redirect: "/berth-blobs/" } } },
    ),
  );
  // nginx' workers go through it.
  chmodSync(work.path, 0o711);
  const blobs = join(work.folder("registry"), "storage", "blobs");
  const nginx = stack.use(await startNginx(`http://${registry.host}`, blobs, authority.issue("registry")));
  const started = stack.move();
  return { registry, nginx, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** What an administrator does; the folder is of this one host and port, which nobody else has. */
function trustInDocker(host: string, { file }: Authority): Disposable {
  const folder = `/etc/docker/certs.d/${host}`;
  leftovers.folders.add(folder);
  mkdirSync(folder, { recursive: true });
  copyFileSync(file, join(folder, "ca.crt"));
  return {
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true });
      leftovers.folders.delete(folder);
    },
  };
}

async function sentBy({ host }: GuardedRegistry): Promise<number> {
  const authorization = `Basic ${Buffer.from(`admin:${passwordOf("admin")}`).toString("base64")}`;
  const answer = await fetch(`http://${host}/metrics`, { headers: { authorization } });
  return Number(/^berth_http_sent_bytes_total (\S+)$/m.exec(await answer.text())?.[1]);
}
