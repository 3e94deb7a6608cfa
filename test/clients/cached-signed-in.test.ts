import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../bench/servers/free-port.ts";
import { startBerthUpstream } from "../upstreams/berth-upstream.ts";
import type { RunningUpstream } from "../upstreams/running-upstream.ts";
import { assertFetchedOnce, dockerHub } from "./harness/cache.ts";
import { startContainerd } from "./harness/containerd.ts";
import { startDockerd } from "./harness/dockerd.ts";
import { passwordOf, startGuardedRegistry, type GuardedRegistry } from "./harness/guarded-registry.ts";
import { smallImage } from "./harness/image-content.ts";
import { skopeoIn } from "./harness/image-tool.ts";
import { layoutImage, type LayoutImage } from "./harness/layout-image.ts";
import { writeLayout, type Layout } from "./harness/oci-layout.ts";
import { assertSameContent } from "./harness/same-content.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

/** Everybody may pull docker.io/library, reader docker.io/team too; the upstream gives team only to its account. */
const rules = [
  { repositories: "docker.io/library/**", who: "anonymous", allow: "pull" },
  { repositories: "docker.io/team/**", who: "user:reader", allow: "pull" },
];

test("docker pulls cached content as its user may, whoever filled it", needs("docker"), async () => {
  await using work = workplace();
  await using here = await startHere(work);
  const { upstream, registry, open, closed } = here;
  await using dockerd = await startDockerd(work, { mirrors: [`http://${here.mirror}`] });
  const { docker } = dockerd;
  const as = (name: string) => docker("login", "-u", name, "-p", passwordOf(name), registry.host);
  const pull = async (name: string, { id }: LayoutImage) => {
    const known = (await docker("images", "--all", "--quiet", "--no-trunc"))
      .split("\n")
      .filter((line) => line);
    if (known.length > 0) await docker("rmi", "--force", ...new Set(known));
    await docker("pull", name);
    assert.equal((await docker("images", "--no-trunc", "--quiet")).trim(), id);
  };
  const [openName, closedName] = ["library/open", "team/closed"].map(
    (name) => `${registry.host}/docker.io/${name}:v1`,
  ) as [string, string];

  // Who may not doesn't make it come.
  await as("stranger");
  await assert.rejects(pull(closedName, closed), /stranger may not pull from docker\.io\/team\/closed/);
  assert.deepEqual(upstream.front.seen, []);
  await as("reader");
  await pull(closedName, closed);
  assertFetchedOnce(upstream, closed);
  await as("stranger");
  await assert.rejects(pull(closedName, closed), /stranger may not pull from docker\.io\/team\/closed/);
  await docker("logout", registry.host);
  await assert.rejects(pull(closedName, closed), /unauthorized|authentication required|docker login/);
  await pull(openName, open);

  // Docker sends a mirror no credentials, whoever is signed in.
  await as("reader");
  await pull("open:v1", open);
  await assert.rejects(pull("team/closed:v1", closed));
  onlyOwnCredentials(here);
});

test("skopeo and ctr pull cached content as their users may", needs("skopeo", "containerd"), async () => {
  await using work = workplace();
  await using here = await startHere(work);
  const { upstream, registry, layouts } = here;
  await using containerd = await startContainerd(work);
  const skopeo = skopeoIn(work);
  const copy = async (who: string | undefined, name: string, layout: Layout) => {
    rmSync(work.folder("pulled"), { recursive: true });
    const creds = who === undefined ? ["--src-no-creds"] : ["--src-creds", `${who}:${passwordOf(who)}`];
    const from = `docker://${registry.host}/docker.io/${name}:v1`;
    await skopeo("copy", "--src-tls-verify=false", ...creds, from, `oci:${work.folder("pulled")}:v1`);
    await assertSameContent(layout, work.folder("pulled"));
  };
  const url = `http://${registry.host}`;
  writeFileSync(
    join(work.folder("hosts/docker.io"), "hosts.toml"),
    `server = "${url}"\n[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`,
  );
  const fetched = async (who: string | undefined, name: string, layout: Layout) => {
    const names = (await containerd.ctr("images", "ls", "--quiet")).split("\n").filter((line) => line !== "");
    if (names.length > 0) await containerd.ctr("images", "rm", "--sync", ...names);
    const creds = who === undefined ? [] : ["--user", `${who}:${passwordOf(who)}`];
    const hosts = ["--hosts-dir", work.folder("hosts")];
    await containerd.ctr("content", "fetch", ...hosts, ...creds, `docker.io/${name}:v1`);
    await assertSameContent(layout, containerd.content);
  };
  const refused = /may not pull|403|401|unauthorized|authorization failed|authentication required/i;
  for (const pull of [copy, fetched]) {
    await assert.rejects(pull("stranger", "team/closed", layouts.closed), refused);
    await assert.rejects(pull(undefined, "team/closed", layouts.closed), refused);
    await pull("reader", "team/closed", layouts.closed);
    await assert.rejects(pull("stranger", "team/closed", layouts.closed), refused);
    await assert.rejects(pull(undefined, "team/closed", layouts.closed), refused);
    for (const who of ["stranger", "reader", undefined]) await pull(who, "library/open", layouts.open);
  }
  await upstream.stop();
  await copy("reader", "team/closed", layouts.closed);
  await fetched("reader", "team/closed", layouts.closed);
  await assert.rejects(copy("stranger", "team/closed", layouts.closed), refused);
  onlyOwnCredentials(here);
});

test("a mirror's address gives what anonymous may pull, and nothing of the rest", async () => {
  await using work = workplace();
  await using here = await startHere(work);
  const { registry, closed, open, layouts } = here;
  const authorization = `Basic ${Buffer.from(`reader:${passwordOf("reader")}`).toString("base64")}`;
  const status = async (origin: string, path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://${origin}/v2/${path}`, { headers });
    await answer.arrayBuffer();
    return answer.status;
  };
  // Filled by reader, with all its blobs.
  for (const path of [`manifests/v1`, ...closed.digests.map((digest) => `blobs/${digest}`)])
    assert.equal(await status(registry.host, `docker.io/team/closed/${path}`, { authorization }), 200);

  const { mirror } = here;
  assert.equal(await status(mirror, ""), 200);
  assert.equal(await status(mirror, "library/open/manifests/v1"), 200);
  assert.equal(await status(mirror, `library/open/blobs/${open.id}`), 200);
  for (const headers of [{}, { authorization }] as Record<string, string>[]) {
    for (const path of [
      "team/closed/manifests/v1",
      `team/closed/manifests/${layouts.closed.digest}`,
      "team/closed/tags/list",
      `team/closed/referrers/${layouts.closed.digest}`,
      ...closed.digests.map((digest) => `team/closed/blobs/${digest}`),
      // What one repository holds isn't had through another.
      ...closed.digests.map((digest) => `library/open/blobs/${digest}`),
      `library/open/manifests/${layouts.closed.digest}`,
      "docker.io/team/closed/manifests/v1",
    ]) {
      const got = await status(mirror, path, headers);
      assert.ok([401, 403, 404].includes(got), `${path} → ${got}`);
    }
  }
  for (const digest of closed.digests)
    assert.equal(await status(registry.host, `docker.io/library/open/blobs/${digest}`), 404);
  onlyOwnCredentials(here);
});

interface Here extends AsyncDisposable {
  upstream: RunningUpstream;
  registry: GuardedRegistry;
  mirror: string;
  layouts: { open: Layout; closed: Layout };
  open: LayoutImage;
  closed: LayoutImage;
}

/** A second Berth with a public and a private repository, and a first one with accounts that pulls through from it. */
async function startHere(work: Workplace): Promise<Here> {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(await startBerthUpstream());
  const layouts = {
    open: writeLayout(work.folder("open"), "v1", [{ ...smallImage, seed: "open" }]),
    closed: writeLayout(work.folder("closed"), "v1", [{ ...smallImage, seed: "closed" }]),
  };
  await upstream.pushLayout("library/open", layouts.open);
  await upstream.pushLayout("team/closed", layouts.closed);
  const mirror = `127.0.0.1:${await freePort()}`;
  const upstreams = [dockerHub(upstream, { mirror_listen: [mirror] })];
  const registry = stack.use(await startGuardedRegistry(work, {}, { policy: { rules }, upstreams }));
  upstream.front.forget();
  const started = stack.move();
  return {
    upstream,
    registry,
    mirror,
    layouts,
    open: layoutImage(layouts.open),
    closed: layoutImage(layouts.closed),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** The clients' names, passwords and tokens never went to the upstream: its own account, or its own tokens did. */
function onlyOwnCredentials({ upstream }: Here): void {
  const own = `Basic ${Buffer.from(`${upstream.account?.name}:${upstream.account?.secret}`).toString("base64")}`;
  for (const { authorization, kind, path } of upstream.front.seen) {
    if (kind === "other") assert.ok(authorization === undefined || authorization === own, path);
    if (!authorization?.startsWith("Bearer ")) continue;
    const claims = Buffer.from(authorization.split(".")[1] ?? "", "base64url").toString();
    assert.doesNotMatch(claims, /"(reader|stranger|owner|pusher)"/);
    assert.match(claims, new RegExp(upstream.host));
  }
}
