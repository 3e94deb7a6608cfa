import assert from "node:assert/strict";
import { test } from "node:test";
import { readImageConfig } from "#oci/read-image-config.ts";

const diffId = `sha256:${"a".repeat(64)}`;
const plain = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [diffId] } };

function read(more: Record<string, unknown>, layers = 1) {
  return readImageConfig(Buffer.from(JSON.stringify({ ...plain, ...more })), layers);
}

function fault(value: ReturnType<typeof read>): string {
  return "fault" in value ? value.fault : "";
}

test("a config as docker writes it is read; Go's null means nothing", () => {
  const config = {
    Env: ["A=b"],
    Cmd: ["sh"],
    Entrypoint: null,
    Volumes: { "/v": {} },
    Labels: { a: "b" },
    OnBuild: null,
  };
  const value = read({
    config,
    created: "2026-01-02T03:04:05.123456789Z",
    history: [{ created_by: "x", empty_layer: true }],
  });
  assert.ok("config" in value);
  assert.deepEqual(value.config.config, {
    Env: ["A=b"],
    Cmd: ["sh"],
    Volumes: { "/v": {} },
    Labels: { a: "b" },
  });
  assert.deepEqual(value.config.history, [{ created_by: "x", empty_layer: true }]);
  assert.equal(value.config.created, "2026-01-02T03:04:05.123456789Z");
});

test("what only decorates is left out where it is malformed", () => {
  const value = read({
    created: "yesterday",
    config: { Env: ["=x", "noequals", "A="], ExposedPorts: { "80/tcp": {}, "../x": {} } },
  });
  assert.ok("config" in value);
  assert.deepEqual(value.config.config, { Env: ["A="], ExposedPorts: { "80/tcp": {} } });
  assert.equal(value.config.created, undefined);
});

test("a key that objects have by themselves is a key like any other", () => {
  const value = readImageConfig(
    Buffer.from(
      JSON.stringify({ ...plain, config: {} }).replace(
        '"config":{}',
        '"config":{"Labels":{"__proto__":"x"}}',
      ),
    ),
    1,
  );
  assert.ok("config" in value);
  assert.deepEqual(Object.keys(value.config.config.Labels ?? {}), ["__proto__"]);
});

const hostile: [why: string, more: Record<string, unknown>, words: RegExp][] = [
  ["Env that is no list", { config: { Env: "A=b" } }, /config\.Env is not a list/],
  ["Env of numbers", { config: { Env: [1] } }, /config\.Env\[0\] is not a text/],
  ["Env with a NUL", { config: { Env: ["A=b\0c"] } }, /config\.Env\[0\] holds a NUL/],
  [
    "Env beyond all bounds",
    { config: { Env: ["A=".padEnd(200_000, "x")] } },
    /longer than 131072 characters/,
  ],
  ["a million variables", { config: { Env: Array(1_000_000).fill("A=b") } }, /more than 10000 entries/],
  ["Entrypoint that is a text", { config: { Entrypoint: "sh -c x" } }, /config\.Entrypoint is not a list/],
  [
    "Entrypoint with null in it",
    { config: { Entrypoint: ["sh", null] } },
    /config\.Entrypoint\[1\] is not a text/,
  ],
  ["Entrypoint with a NUL", { config: { Entrypoint: ["sh\0"] } }, /holds a NUL/],
  ["User that is an object", { config: { User: {} } }, /config\.User is not a text/],
  ["User with a NUL", { config: { User: "root\0" } }, /config\.User holds a NUL/],
  [
    "WorkingDir without end",
    { config: { WorkingDir: "/".padEnd(5000, "x") } },
    /config\.WorkingDir is longer/,
  ],
  ["WorkingDir that is a list", { config: { WorkingDir: ["/"] } }, /config\.WorkingDir is not a text/],
  ["Volumes that is a list", { config: { Volumes: ["/v"] } }, /config\.Volumes is not an object/],
  ["an empty volume", { config: { Volumes: { "": {} } } }, /empty or endless path/],
  ["Labels of objects", { config: { Labels: { a: {} } } }, /config\.Labels\["a"\] is not a text/],
  [
    "Healthcheck of texts",
    { config: { Healthcheck: { Interval: "5s" } } },
    /Healthcheck\.Interval is no number/,
  ],
  ["config that is a text", { config: "x" }, /config is not an object/],
  ["history that is an object", { history: {} }, /history is not a list/],
  ["a diffID that is none", { rootfs: { type: "layers", diff_ids: ["x"] } }, /diff_ids\[0\] is no digest/],
  [
    "fewer diffIDs than layers",
    { rootfs: { type: "layers", diff_ids: [] } },
    /it names 0 layers, the manifest 1/,
  ],
  ["another kind of root", { rootfs: { type: "base" } }, /rootfs\.type is not "layers"/],
  ["os that is a number", { os: 7 }, /os is not a text/],
];

for (const [why, more, words] of hostile)
  test(`an image's config with ${why} is refused`, () => assert.match(fault(read(more)), words));

test("what is no JSON, or says a key twice, or is no UTF-8, is refused", () => {
  for (const text of ["", "[]", "null", "{", '{"os":"linux","os":"windows"}', "[".repeat(1000)])
    assert.match(fault(readImageConfig(Buffer.from(text), 0)), /^is refused: /, text);
  assert.match(fault(readImageConfig(Buffer.from([0xff, 0xfe]), 0)), /not UTF-8/);
});
