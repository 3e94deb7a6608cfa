import assert from "node:assert/strict";
import { test } from "node:test";
import { mirrorDue } from "#pull-through/mirror-due.ts";
import { mirrorName } from "#pull-through/mirror-name.ts";
import type { UpstreamRules } from "#pull-through/upstream-map.ts";
import { mirrorOf } from "./mirror-places.ts";

const rules = (name: string, over: Partial<UpstreamRules> = {}): UpstreamRules => ({
  name,
  aliases: [],
  ttl: 0,
  missing_ttl: 0,
  gone: "keep",
  offline: false,
  allow: ["**"],
  deny: [],
  push: "deny",
  platforms: [],
  max_blob: 0,
  ...over,
});
const docker = rules("docker.io", { aliases: ["registry-1.docker.io"], deny: ["bad/**"] });
const quay = rules("quay.io");
const lab = rules("lab", { aliases: ["lab.example:5000"] });

test("short names are docker's, where docker.io is an upstream", () => {
  const names = {
    alpine: "docker.io/library/alpine",
    "acme/app": "docker.io/acme/app",
    "docker.io/alpine": "docker.io/library/alpine",
    "registry-1.docker.io/alpine": "docker.io/library/alpine",
    "docker.io/acme/app": "docker.io/acme/app",
    "quay.io/team/app": "quay.io/team/app",
    "quay.io/app": "quay.io/app",
    "lab/app": "lab/app",
    "lab.example:5000/app": "lab/app",
  };
  for (const [text, name] of Object.entries(names))
    assert.deepEqual(mirrorName(text, [docker, quay, lab]), { name }, text);
});

test("a name that is no upstream's is told what there is", () => {
  const faults: [string, UpstreamRules[], RegExp, boolean][] = [
    [
      "alpine",
      [quay],
      /alpine is of upstream docker\.io, which is not configured; there is quay\.io$/,
      false,
    ],
    ["ghcr.io/x", [docker, quay], /of upstream ghcr\.io, .*; there are docker\.io, quay\.io$/, false],
    ["alpine", [], /none is configured \(section upstreams\)/, false],
    ["bad/app", [docker], /leave out bad\/app/, false],
    ["alpine:3", [docker], /names a tag or digest: .*--tags/, true],
    ["localhost:5000/app:3", [docker], /names a tag/, true],
    ["Alpine", [docker], /is not a repository/, true],
    ["", [docker], /is not a repository/, true],
    ["docker.io/", [docker], /is not a repository/, true],
  ];
  for (const [text, upstreams, words, malformed] of faults) {
    const found = mirrorName(text, upstreams);
    assert.ok("fault" in found, text);
    assert.match(found.fault, words);
    assert.equal(found.malformed, malformed, text);
  }
});

test("when a mirror is due", () => {
  const [hour, minute] = [3_600_000, 60_000];
  assert.equal(mirrorDue(mirrorOf()), 0);
  const between = (at: number, from: number, to: number) => assert.ok(at >= from && at <= to, String(at));
  const synced = mirrorOf({ syncedAt: 1_000 });
  between(mirrorDue(synced), 1_000 + hour, 1_000 + 1.1 * hour);
  assert.equal(mirrorDue(synced), mirrorDue(synced));
  assert.notEqual(mirrorDue(synced), mirrorDue({ ...synced, name: "up.test/other" as never }));
  between(mirrorDue({ ...synced, fault: "x" }), 1_000 + 10 * minute, 1_000 + 11 * minute);
  between(mirrorDue({ ...synced, every: minute, fault: "x" }), 1_000 + minute, 1_000 + 1.1 * minute);
  between(mirrorDue({ ...synced, every: 240 * hour }), 1_000 + 240 * hour, 1_000 + 240 * hour + 10 * minute);
});
