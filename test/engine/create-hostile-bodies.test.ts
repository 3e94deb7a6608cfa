import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import { readContainer } from "#engine/create/read-container.ts";
import { readUpdate } from "#engine/create/read-update.ts";
import { ampleFacts, imageWith } from "./harness/made-record.ts";

const image = imageWith({ Cmd: ["x"] });
const sample = readContainer({}, image, ampleFacts);
const hostKeys = [...Object.keys(sample.host), "Init", "Annotations"];
const configKeys = [
  ...Object.keys(sample.config),
  "ExposedPorts",
  "Healthcheck",
  "StopSignal",
  "StopTimeout",
  "Shell",
  "NetworkDisabled",
  "MacAddress",
];
const values: unknown[] = [
  5,
  -5,
  1.5,
  1e300,
  "x",
  "\0",
  "\ud800",
  true,
  [],
  [5],
  [null],
  [[]],
  ["\0"],
  [{}],
  [{ a: 5 }],
  {},
  { a: 5 },
  { a: null },
  { "": {} },
  { a: [5] },
  { a: [{ HostPort: 5 }] },
  { constructor: "x" },
  { toString: 5, hasOwnProperty: 5 },
  JSON.parse('{"__proto__": {"x": 1}}'),
  { Name: {}, Type: [], Test: 5, Config: 5 },
];

function tolerates(work: () => unknown, what: string): void {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError && (error.code === "engine-invalid" || error.code === "engine-conflict"))
      return;
    assert.fail(`${what}: ${String(error)}`);
  }
}

test("wrong types in any field of a body are refused or harmless, never a crash", () => {
  for (const value of values) {
    const shown = JSON.stringify(value);
    for (const key of hostKeys) {
      tolerates(
        () => readContainer({ HostConfig: { [key]: value } }, image, ampleFacts),
        `HostConfig.${key} ${shown}`,
      );
      tolerates(() => readUpdate({ [key]: value }, sample.host, ampleFacts), `update ${key} ${shown}`);
    }
    for (const key of configKeys)
      tolerates(() => readContainer({ [key]: value }, image, ampleFacts), `${key} ${shown}`);
    tolerates(() => readContainer({ HostConfig: value }, image, ampleFacts), `HostConfig ${shown}`);
    tolerates(
      () => readContainer({ NetworkingConfig: value }, image, ampleFacts),
      `NetworkingConfig ${shown}`,
    );
  }
  assert.equal(({} as Record<string, unknown>)["x"], undefined, "no prototype was touched");
});

test("a wrong type is told in the words of docker's decoder", () => {
  const message = (body: Record<string, unknown>) => {
    try {
      readContainer(body, image, ampleFacts);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  assert.equal(
    message({ Env: { A: "B" } }),
    "json: cannot unmarshal object into Go struct field ContainerConfigWrapper.Env of type []string",
  );
  assert.equal(
    message({ Labels: { a: 1 } }),
    "json: cannot unmarshal number into Go struct field ContainerConfigWrapper.Labels of type string",
  );
  assert.match(
    message({ HostConfig: { Memory: "5" } }),
    /^json: cannot unmarshal string into .*\.Memory of type int64$/,
  );
  assert.match(message({ HostConfig: { Memory: 5.5 } }), /^json: cannot unmarshal number 5\.5 into /);
  assert.match(message({ Cmd: ["a\0b"] }), /NUL/);
});
