import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSingle } from "#app/single.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import { isWhole, registriesPlace } from "./registries-place.ts";

const log = pino({ level: "silent" });

test("a registry that stops, starts and isn't there: found, held, and never kept from starting", async () => {
  const data = await mkdtemp(join(tmpdir(), "berth-test-"));
  try {
    const config = defaultConfig(data);
    const image = oci.image();
    const [later, loadedOnly] = [oci.image(), oci.image()];
    await using place = await registriesPlace({ url: "http://127.0.0.1:5999", data });
    assert.equal(await place.find("localhost:5999/app:1"), undefined, "there is none yet");
    {
      await using server = await startSingle(config, log);
      await registryClient(server.urls[0] ?? "").push("app", image, "1");
      await registryClient(server.urls[0] ?? "").push("app", later, "2");
    }
    const found = await place.find("localhost:5999/app:1");
    assert.ok(found && (await isWhole(place, found)));
    assert.deepEqual(await place.ownBlobs(), [], "held by links, through the folder itself");
    await place.push(found, "localhost:5999/copy:1");
    assert.ok(await place.pull("localhost:5999/copy:1"));
    const loaded = await place.load(loadedOnly);
    await assert.rejects(
      place.push(loaded, "localhost:5999/new:1"),
      /the registry isn't running, and what only the engine has must be sent to it/,
    );
    {
      await using server = await startSingle(config, log);
      assert.ok(server.urls.length > 0, "nobody has the folder");
      assert.ok(await place.find("localhost:5999/app:2"));
      await registryClient(server.urls[0] ?? "").push("app", image, "3");
      assert.equal((await place.find("localhost:5999/app:3"))?.manifest, image.digest);
    }
    assert.ok(await isWhole(place, found));
    assert.equal((await place.ownBlobs()).length, 3, "what was loaded");
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

test(
  "of a stopped registry of another user it is copied, and that one's folder stays as it is",
  { skip: process.getuid?.() !== 0 && "needs root" },
  async () => {
    const { chown, readdir, stat } = await import("node:fs/promises");
    const data = await mkdtemp(join(tmpdir(), "berth-test-"));
    try {
      const image = oci.image();
      {
        await using server = await startSingle(defaultConfig(data), log);
        await registryClient(server.urls[0] ?? "").push("app", image, "1");
      }
      const files = async () => {
        const names = (await readdir(data, { recursive: true })).sort();
        return Promise.all(names.map(async (name) => `${name} ${(await stat(join(data, name))).uid}`));
      };
      for (const name of ["", ...(await readdir(data, { recursive: true }))])
        await chown(join(data, name), 65534, 65534);
      const before = (await files()).filter((name) => !/-(wal|shm) /.test(name));
      await using place = await registriesPlace({ url: "http://127.0.0.1:5999", data });
      const found = await place.find("localhost:5999/app:1");
      assert.ok(found && (await isWhole(place, found)));
      assert.equal((await place.ownBlobs()).length, 3);
      assert.deepEqual(
        (await files()).filter((name) => !/-(wal|shm) /.test(name)),
        before,
      );
      for (const name of await files()) assert.match(name, / 65534$/);
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  },
);
