import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { test } from "node:test";
import { spawnBerth } from "../harness/process.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { openPlaces } from "./places.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;
const skip = process.getuid?.() !== 0 && "only root can be somebody else";

test("who may not look is told so, and not that nothing is there", { skip }, async () => {
  await using places = await openPlaces();
  const data = places.path("data");
  await chmod(dirname(data), 0o755);
  {
    await using server = await spawnBerth({ data });
    await registryClient(server.url).push("a", oci.image(), "v1");
  }
  const old = places.path("old");
  await mkdir(`${old}/docker/registry/v2/repositories`, { recursive: true });
  await chmod(`${old}/docker`, 0o700);
  const asNobody = (...argv: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, ["--conditions=berth-src", main, ...argv], {
      encoding: "utf8",
      uid: 65534,
      gid: 65534,
      env: { NODE_DISABLE_COMPILE_CACHE: "1" },
    });
    assert.equal(status, 1);
    return stderr;
  };
  const named = /may not read .*berth\.db: run this as its user \(sudo -u '#0' berth …\), or as root/;
  assert.match(asNobody("verify", "--data", data), named);
  assert.match(asNobody("audit", "--data", data), named);
  assert.match(asNobody("backup", places.path("one.db"), "--data", data), named);
  const refused = asNobody("import", "distribution", old, "--dry-run", "--data", places.path("new"));
  assert.match(refused, /may not look into .*docker\/registry\/v2: run this as root/);
});
