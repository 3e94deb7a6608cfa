import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { keys } from "#config/keys.ts";
import { load } from "./load.ts";

const folder = new URL("../../config/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), "utf8");

test("config/default.yaml holds the built-in defaults", () => {
  const file = load({ file: read("default.yaml") });
  assert.deepEqual(file.config, load().config);
});

test("config/default.yaml names every key, those without a default commented out", () => {
  const { origins } = load({ file: read("default.yaml") });
  const lines = read("default.yaml").split("\n");
  for (const { name, path } of keys) {
    const commented = new RegExp(`^ *# +${path.at(-1)}:( |$)`);
    assert.ok(origins.get(name)?.from === "file" || lines.some((line) => commented.test(line)), name);
  }
});

test("every example is good as it stands", () => {
  const examples = globSync("examples/*.yaml", { cwd: folder });
  assert.ok(examples.length > 0);
  for (const name of examples) load({ file: read(name) });
});

test("config/default.yaml names every key of an upstream, as a list that is good as it stands", () => {
  const text = read("default.yaml");
  const [, commented = ""] = /^(# upstreams:\n(?:# .*\n)+)/m.exec(text) ?? [];
  const list = commented.replace(/^# ?/gm, "");
  const { upstreams } = load({ file: list }).config;
  const hub = load({ file: "upstreams: docker.io" }).config.upstreams[0];
  for (const key of ["aliases", "url", "realms", "ttl", "missing_ttl", "gone", "offline", "allow"] as const)
    assert.deepEqual(upstreams[0]?.[key], hub?.[key], key);
  for (const key of keys.find(({ name }) => name === "upstreams")?.items ?? [])
    assert.match(list, new RegExp(`^ *(- )?${key.split(".").at(-1)}:( |$)`, "m"), key);
});
