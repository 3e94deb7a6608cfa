import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { settingsFor } from "../settings.ts";
import { writeDocs } from "./docs.ts";
import type { Results } from "./results.ts";

test("a run of one group leaves the other's tables and the text", async () => {
  const folder = await mkdtemp(join(tmpdir(), "berth-bench-docs-"));
  const file = join(folder, "benchmarks.md");
  const [disk, s3] = ["<!-- bench:begin -->\nold\n<!-- bench:end -->\n", "<!-- bench-s3:begin -->\n"];
  try {
    await writeFile(file, `# Benchmarks\n${disk}text\n${s3}old\n<!-- bench-s3:end -->\nlast\n`);
    await writeDocs(file, run("s3"));
    const text = await readFile(file, "utf8");
    assert.ok(text.startsWith(`# Benchmarks\n${disk}text\n${s3}\nRun of 2026-01-01: 3 rounds`), text);
    assert.ok(text.endsWith("<!-- bench-s3:end -->\nlast\n"), text);
  } finally {
    await rm(folder, { recursive: true });
  }
});

function run(group: Results["group"]): Results {
  return {
    date: "2026-01-01T00:00:00Z",
    group,
    machine: {
      cores: 2,
      processor: "",
      shaInstructions: true,
      memoryGiB: 1,
      platform: "linux",
      kernel: "6",
      fileSystem: "ext4",
      node: "24",
    },
    settings: settingsFor(false, undefined, undefined),
    servers: [],
    rows: [],
  };
}
