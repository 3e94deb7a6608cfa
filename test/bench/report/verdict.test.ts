import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsFor } from "../settings.ts";
import { addMedians, type Results, type ServerResults } from "./results.ts";
import { notesOf, tablesOf } from "./table.ts";
import { verdictsOf } from "./verdict.ts";

function measured(...values: number[]): ServerResults {
  const results: ServerResults = {
    rounds: values.map((value) => ({ value, memory: { pss: value * 1e6, rss: value * 2e6, processes: 1 } })),
  };
  addMedians(results);
  return results;
}

function run(rows: Record<string, Record<string, ServerResults>>): Results {
  return {
    date: "2026-01-01T00:00:00Z",
    group: "disk",
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
    servers: [
      { id: "berth", label: "Berth 1" },
      { id: "distribution-3", label: "Distribution 3.1.2" },
    ],
    rows: Object.entries(rows).map(([name, servers]) => ({ name, title: name, unit: "/s", servers })),
  };
}

test("a ratio is that of the medians over the rounds", () => {
  const results = run({
    "push-small": { berth: measured(100, 900, 850), "distribution-3": measured(200, 210, 20) },
  });
  const [first, second] = verdictsOf(results, "push-small");
  assert.deepEqual([first?.reached, first?.met, first?.text], [4.25, true, "≥ 4× Distribution 3.1.2"]);
  assert.deepEqual([second?.reached, second?.met], [undefined, undefined]);
});

test("memory counts at its highest round, as PSS", () => {
  const [verdict] = verdictsOf(run({ "push-huge": { berth: measured(100, 251, 100) } }), "push-huge");
  assert.deepEqual([verdict?.reached, verdict?.met], [251e6, false]);
});

test("flat pages are compared with Berth's own first page", () => {
  const results = run({
    "tag-page-first": { berth: measured(1000) },
    "tag-page-last": { berth: measured(790) },
  });
  assert.deepEqual(verdictsOf(results, "tag-page-last")[0]?.met, false);
});

test("an engine's time is to be a share of dockerd's", () => {
  const results = run({
    "engine-run-none": { berth: measured(100, 120, 110), dockerd: measured(200, 210, 300) },
  });
  const [verdict] = verdictsOf(results, "engine-run-none");
  assert.deepEqual([verdict?.text, verdict?.met], ["≤ 0.5× dockerd", false]);
});

test("percentiles of single operations are over those of all rounds", () => {
  const rounds = [0, 50].map((first) => ({
    value: first,
    times: Array.from({ length: 50 }, (_, i) => first + i + 1),
  }));
  const one: ServerResults = { rounds };
  addMedians(one);
  assert.deepEqual(one.each, { p50: 50.5, p95: 95 });
});

test("a row that broke has no figure and says so", () => {
  const broken = { ...measured(), rounds: [{ value: 5 }], error: "PUT answered 500" };
  addMedians(broken);
  const results = run({ mount: { berth: broken, "distribution-3": measured(5) } });
  assert.deepEqual(tablesOf(results)[0]?.lines, [["mount", "broke", "5.00 /s"]]);
  assert.deepEqual(notesOf(results), ["Berth 1 broke: PUT answered 500 (mount)"]);
});
