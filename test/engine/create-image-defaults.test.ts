import assert from "node:assert/strict";
import { test } from "node:test";
import { readContainer } from "#engine/create/read-container.ts";
import type { ImageDefaults } from "#oci/image-config.ts";
import { ampleFacts, imageWith } from "./harness/made-record.ts";

const image: ImageDefaults = {
  User: "joe",
  ExposedPorts: { "80/tcp": {} },
  Env: ["PATH=/bin", "A=1", "B=2"],
  Entrypoint: ["/bin/sh"],
  Cmd: ["cmd", "x"],
  Volumes: { "/data": {} },
  WorkingDir: "/w",
  Labels: { a: "b", c: "d" },
  StopSignal: "SIGINT",
  Shell: ["/bin/bash", "-c"],
  Healthcheck: { Test: ["CMD-SHELL", "true"], Interval: 5_000_000_000, Retries: 2 },
};

const read = (body: Record<string, unknown>, defaults: ImageDefaults = image) =>
  readContainer(body, imageWith(defaults), ampleFacts);

test("a body that says nothing takes all of the image's", () => {
  const { config, host, path, args, warnings } = read({
    Image: "img",
    Cmd: null,
    Entrypoint: null,
    HostConfig: null,
  });
  assert.deepEqual(
    [path, args, config.Env, config.WorkingDir, config.User, config.StopSignal, config.Shell],
    ["/bin/sh", ["cmd", "x"], image.Env, "/w", "joe", "SIGINT", image.Shell],
  );
  assert.deepEqual(config.ExposedPorts, { "80/tcp": {} });
  assert.deepEqual(config.Volumes, { "/data": {} });
  assert.deepEqual(config.Labels, { a: "b", c: "d" });
  assert.deepEqual(config.Healthcheck, image.Healthcheck);
  assert.equal(config.Hostname, "");
  assert.deepEqual(warnings, []);
  assert.equal(host.NetworkMode, "bridge");
  assert.equal(host.ShmSize, 67_108_864);
  assert.deepEqual(host.RestartPolicy, { Name: "no", MaximumRetryCount: 0 });
  assert.deepEqual([host.IpcMode, host.CgroupnsMode, host.MemorySwappiness], ["private", "host", -1]);
  assert.equal(host.LogConfig.Type, "json-file");
});

test("entrypoint and command follow dockerd's rules", () => {
  const run = (body: Record<string, unknown>) => {
    const { path, args } = read(body);
    return [path, ...args];
  };
  assert.deepEqual(run({ Cmd: ["y"] }), ["/bin/sh", "y"]);
  assert.deepEqual(run({ Entrypoint: ["/e"] }), ["/e"], "the image's command belongs to its entrypoint");
  assert.deepEqual(run({ Entrypoint: ["/e"], Cmd: ["y"] }), ["/e", "y"]);
  assert.deepEqual(run({ Entrypoint: [""], Cmd: ["y"] }), ["y"]);
  assert.deepEqual(run({ Entrypoint: [], Cmd: [] }), ["cmd", "x"]);
  assert.deepEqual(run({ Entrypoint: "/e", Cmd: "y" }), ["/e", "y"], "one text is a list of one");
  assert.throws(() => run({ Entrypoint: [""] }), { code: "engine-invalid", message: "No command specified" });
  assert.throws(() => read({}, {}), { code: "engine-invalid", message: "No command specified" });
});

test("the client's variables, labels, ports, volumes and health come over the image's", () => {
  const { config } = read({
    Env: ["A=9", "C=3", "B", "C=4"],
    Labels: { a: "z", ["__proto__"]: "x" },
    ExposedPorts: { "81/udp": {}, "90-91": {} },
    Volumes: { "/more": {} },
    Healthcheck: { Interval: 7_000_000_000 },
    WorkingDir: "/a//b/../c",
    User: "root",
    StopSignal: "9",
    StopTimeout: 3,
  });
  assert.deepEqual(config.Env, ["A=9", "C=4", "PATH=/bin"]);
  assert.equal(config.Labels["a"], "z");
  assert.equal(config.Labels["c"], "d");
  assert.deepEqual(Object.keys(config.ExposedPorts ?? {}).sort(), ["80/tcp", "81/udp", "90/tcp", "91/tcp"]);
  assert.deepEqual(Object.keys(config.Volumes ?? {}), ["/data", "/more"]);
  assert.deepEqual(config.Healthcheck, { Test: ["CMD-SHELL", "true"], Interval: 7_000_000_000, Retries: 2 });
  assert.deepEqual(
    [config.WorkingDir, config.User, config.StopSignal, config.StopTimeout],
    ["/a/c", "root", "9", 3],
  );
});

test("an image config with hostile Env, Entrypoint, User, WorkingDir, Volumes is mended or refused, never a crash", () => {
  const hostile = {
    User: 5,
    Env: ["A=\0", 7, "=x"],
    Entrypoint: { a: 1 },
    Cmd: ["ok"],
    WorkingDir: "/../../etc/\u0007",
    Volumes: { "../..": {}, "": {} },
    ExposedPorts: { nonsense: {}, "70000/tcp": {}, "80/tcp": {} },
    Labels: ["x"],
    StopSignal: {},
    Healthcheck: { Test: "no" },
  } as unknown as ImageDefaults;
  const { config, path } = read({}, hostile);
  assert.equal(path, "ok");
  assert.deepEqual([config.User, config.Env, config.Labels], ["", [], {}]);
  assert.deepEqual(Object.keys(config.ExposedPorts ?? {}), ["80/tcp"]);
  assert.equal(config.WorkingDir, "/etc/\u0007");
  assert.throws(() => read({}, { Cmd: ["x"], WorkingDir: "rel" }), { code: "engine-invalid" });
  assert.throws(() => read({}, { Cmd: ["x\0y"] }), {
    code: "engine-invalid",
    message: "No command specified",
  });
});
