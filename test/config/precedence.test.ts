import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.ts";

const file = "workers: 2\nlog: { level: warn }\ndata: from-file\nlimits:\n  page_size: 7\n";
const environment = { BERTH_WORKERS: "3", BERTH_LOG_LEVEL: "error" };
const flags = [{ flag: "--workers", key: "workers", values: ["4"] }];

test("a flag wins over a variable, a variable over the file, the file over the default", () => {
  const { config, origins } = load({ file, environment, flags });
  assert.equal(config.workers, 4);
  assert.equal(config.log.level, "error");
  assert.equal(config.data, "/srv/from-file");
  assert.equal(config.limits.page_size, 7);
  assert.equal(config.limits.tags_per_put, 100);
  assert.deepEqual(origins.get("workers"), { from: "flag", flag: "--workers" });
  assert.deepEqual(origins.get("log.level"), { from: "env", variable: "BERTH_LOG_LEVEL" });
  assert.deepEqual(origins.get("limits.page_size"), { from: "file", file: "berth.yaml", line: 5 });
  assert.deepEqual(origins.get("limits.tags_per_put"), { from: "default" });
});

test("what is overridden isn't read, so a variable can mend a faulty file", () => {
  assert.equal(load({ file: "workers: many", environment }).config.workers, 3);
});

test("storage follows data unless it has a folder of its own", () => {
  assert.equal(load({ file }).config.storage.disk.path, "/srv/from-file/storage");
  const own = load({ file, environment: { BERTH_STORAGE_DISK_PATH: "/blobs" } });
  assert.equal(own.config.storage.disk.path, "/blobs");
});

test("workers: auto is one for each core, at most four", () => {
  const counts = [0, 1, 3, 64].map((cores) => load({ cores }).config.workers);
  assert.deepEqual(counts, [1, 1, 3, 4]);
});
