import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Examination, Finding } from "#app/doctor/finding.ts";
import { certificateFindings } from "#app/doctor/registry/certificates.ts";
import { clockFindings } from "#app/doctor/registry/clock.ts";
import { snapshotName } from "#core/snapshot-name.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { startBerth } from "../harness/berth.ts";
import { berth } from "./captured.ts";

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "berth-doctor-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function findings(t: TestContext, folder: string, yaml: string) {
  const path = join(folder, "berth.yaml");
  await writeFile(path, yaml);
  const { code, stdout, stderr } = await berth(["doctor", "registry", "--json", "--config", path]);
  assert.equal(stderr, "");
  const [registry, ...others] = JSON.parse(stdout) as Examination[];
  assert.equal(registry?.about, "registry");
  assert.deepEqual(others, [], "the engine wasn't asked for");
  const named = (name: string): Finding | undefined =>
    registry?.findings.find((finding) => finding.name === name);
  return { code, named };
}

test("an address that another program has is named, with how to find it; one of Berth's own is fine", async (t) => {
  const folder = await folderOf(t);
  const other = createServer((socket) => socket.end("SSH-2.0-other\r\n"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  t.after(() => void other.close());
  const taken = (other.address() as AddressInfo).port;
  await using server = await startBerth();
  const own = new URL(server.url).port;
  const { code, named } = await findings(
    t,
    folder,
    `data: ${folder}/data\nlisten: [127.0.0.1:${taken}, 127.0.0.1:${own}, 127.0.0.1:0]`,
  );
  assert.equal(code, 1);
  assert.equal(named(`address 127.0.0.1:${taken}`)?.state, "missing");
  assert.match(named(`address 127.0.0.1:${taken}`)?.cure ?? "", new RegExp(`ss -ltnp.*:${taken}`));
  assert.deepEqual(named(`address 127.0.0.1:${own}`), {
    name: `address 127.0.0.1:${own}`,
    state: "fine",
    message: "a Berth serves there",
  });
  assert.equal(named("address 127.0.0.1:0")?.state, "fine");
});

test("a database that is gone beside snapshots of it is missing, with what brings it back", async (t) => {
  const folder = await folderOf(t);
  const yaml = `data: ${folder}/data\nlisten: 127.0.0.1:0`;
  const name = `database ${folder}/data/berth.db`;
  assert.equal((await findings(t, folder, yaml)).named(name), undefined);
  await mkdir(join(folder, "data/storage/metadata"), { recursive: true, mode: 0o700 });
  await writeFile(
    join(folder, "data/storage/metadata", snapshotName(1_767_225_600_000, "schedule")),
    "packed",
  );
  const lost = (await findings(t, folder, yaml)).named(name);
  assert.equal(lost?.state, "missing");
  assert.match(lost.message, /2026-01-01T00:00:00/);
  assert.equal(lost.cure, "berth rebuild");
});

test("a certificate that ended, and one for another name, are told before clients tell", async (t) => {
  const folder = await folderOf(t);
  const [certificate, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3"].concat(
      ["-keyout", key, "-out", certificate],
      ["-subj", "/CN=other", "-addext", "subjectAltName=DNS:other.example"],
    ),
    { stdio: "ignore" },
  );
  const yaml =
    `data: ${folder}/data\nlisten: 127.0.0.1:0\nexternal_url: https://registry.example\n` +
    `tls: { certificate: ${certificate}, key: ${key} }`;
  const soon = await findings(t, folder, yaml);
  assert.equal(soon.code, 1, "the name is wrong");
  assert.match(soon.named("tls.certificate, time")?.message ?? "", /, [23] days$/);
  assert.equal(soon.named("tls.certificate, time")?.state, "poor");
  assert.match(soon.named("tls.certificate, name")?.message ?? "", /isn't for registry\.example/);
  const tls = { certificate, key, client_ca: undefined };
  const config = { ...defaultConfig(folder), external_url: "https://other.example" };
  const later = await certificateFindings(
    { ...config, tls: { ...tls, client_certificates: "off", min_version: "TLSv1.2" } },
    Date.now() + 4 * 86_400_000,
  );
  assert.deepEqual(
    later.map(({ name, state }) => [name, state]),
    [
      ["tls.certificate, time", "missing"],
      ["tls.certificate, name", "fine"],
    ],
  );
});

test("a disk without room is named, and what makes room", async (t) => {
  const folder = await folderOf(t);
  const disk = join(folder, "disk");
  await mkdir(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "berth-doctor", disk], { stdio: "ignore" });
  } catch {
    t.skip("mounting a small disk takes root");
    return;
  }
  try {
    await writeFile(join(disk, "much"), Buffer.alloc(1_040_000));
    const { code, named } = await findings(t, folder, `data: ${disk}\nlisten: 127.0.0.1:0`);
    assert.equal(code, 1);
    assert.match(named("disk of the data folder")?.message ?? "", /^(99|100) % used/);
    assert.match(named("disk of the data folder")?.cure ?? "", /berth gc --dry-run/);
  } finally {
    execFileSync("umount", [disk]);
  }
});

test("a clock before Berth's time is named", async (t) => {
  const config = defaultConfig(await folderOf(t));
  const [clock] = await clockFindings(config, Date.UTC(1970, 0, 2));
  assert.equal(clock?.state, "missing");
  assert.match(clock?.message ?? "", /1970-01-02/);
});

test("what isn't a part is told, with those that are", async () => {
  const { code, stderr } = await berth(["doctor", "kitchen"]);
  assert.equal(code, 2);
  assert.match(stderr, /"kitchen" is not registry or engine/);
});
