import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startGuardedRegistry } from "./harness/guarded-registry.ts";
import { tellOfPeople, tellOfSecrets, type SigningClient } from "./harness/sign-in-story.ts";
import { makeIssuer } from "./harness/workload-issuer.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

// A chart's last name and version are those of the file that is pushed.
const places = { open: "public/pier", closed: "charts/pier" };

test("helm signs in, and may what its user may", needs("helm"), async () => {
  await using work = workplace();
  await using registry = await startGuardedRegistry(work);
  await tellOfPeople(helmClient(work, registry.host), registry, places);
});

test("helm signs in with robots' secrets, personal tokens and jobs' tokens", needs("helm"), async () => {
  await using work = workplace();
  const issuer = makeIssuer(work);
  await using registry = await startGuardedRegistry(work, issuer.auth);
  await tellOfSecrets(helmClient(work, registry.host), registry, issuer, places);
});

function helmClient(work: Workplace, host: string): SigningClient {
  const helm = (...args: string[]) => work.run("helm", args);
  const hashes = new Map<string, string>();
  const plain = "--plain-http";
  return {
    login: (name, secret) => helm("registry", "login", plain, "-u", name, "-p", secret, host),
    logout: () => helm("registry", "logout", host),
    async push(name, which) {
      const [repository = "", version = ""] = name.slice(host.length + 1).split(":");
      const archive = await packageChart(work, version, which);
      if (which === "one") hashes.set(version, await hashOf(archive));
      await helm("push", archive, `oci://${host}/${join(repository, "..")}`, plain);
    },
    async pull(name) {
      const [repository = "", version = ""] = name.slice(host.length + 1).split(":");
      await rm(work.folder("pulled"), { recursive: true });
      const chart = [`oci://${host}/${repository}`, plain, "--version", version];
      await helm("pull", ...chart, "-d", work.folder("pulled"));
      assert.equal(await hashOf(join(work.folder("pulled"), `pier-${version}.tgz`)), hashes.get(version));
    },
  };
}

async function packageChart(work: Workplace, version: string, which: string): Promise<string> {
  const archive = join(work.folder(which), `pier-${version}.tgz`);
  // Packaging once more would make other bytes: archives hold times.
  if (existsSync(archive)) return archive;
  const folder = work.folder(join(which, version, "pier"));
  await writeFile(
    join(folder, "Chart.yaml"),
    `apiVersion: v2\nname: pier\nversion: ${version}\ndescription: ${which}\n`,
  );
  await work.run("helm", ["package", folder, "--destination", work.folder(which)]);
  return archive;
}

async function hashOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
