import assert from "node:assert/strict";
import { test } from "node:test";
import { noTime, type ContainerState } from "#core/engine/container.ts";
import { containerSummary } from "#http/docker/render/container-summary.ts";
import { durationText } from "#http/docker/render/duration.ts";
import { portList, portMap } from "#http/docker/render/ports.ts";
import { progressLine } from "#http/docker/render/progress-line.ts";
import { statusText } from "#http/docker/render/status-text.ts";
import { detachSequence } from "#http/docker/detach-keys.ts";
import { sampleContainer, sampleRecord } from "./harness/sample-container.ts";

test("durations, at the edges of each word", () => {
  const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];
  for (const [ms, text] of [
    [-5, "Less than a second"],
    [999, "Less than a second"],
    [second, "1 second"],
    [59 * second, "59 seconds"],
    [minute, "About a minute"],
    [119 * second, "About a minute"],
    [2 * minute, "2 minutes"],
    [46 * minute, "46 minutes"],
    [hour, "About an hour"],
    [89 * minute, "About an hour"],
    [90 * minute, "2 hours"],
    [47 * hour, "47 hours"],
    [48 * hour, "2 days"],
    [13 * day, "13 days"],
    [14 * day, "2 weeks"],
    [59 * day, "8 weeks"],
    [60 * day, "2 months"],
    [729 * day, "24 months"],
    [730 * day, "2 years"],
  ] as const)
    assert.equal(durationText(ms), text);
});

test("statuses", () => {
  const now = Date.parse("2026-01-01T00:10:00Z");
  const startedAt = "2026-01-01T00:09:58.123456789Z";
  const finishedAt = "2026-01-01T00:05:00Z";
  const state: ContainerState = {
    status: "running",
    pid: 1,
    exitCode: 3,
    error: "",
    oomKilled: false,
    startedAt,
    finishedAt,
  };
  const health = (status: "starting" | "healthy") => ({ status, failingStreak: 0, log: [] });
  for (const [change, text] of [
    [{}, "Up 1 second"],
    [{ health: health("starting") }, "Up 1 second (health: starting)"],
    [{ health: health("healthy") }, "Up 1 second (healthy)"],
    [{ status: "paused" }, "Up 1 second (Paused)"],
    [{ status: "restarting" }, "Restarting (3) 5 minutes ago"],
    [{ status: "exited" }, "Exited (3) 5 minutes ago"],
    [{ status: "created", startedAt: noTime, finishedAt: noTime }, "Created"],
    [{ status: "removing" }, "Removal In Progress"],
    [{ status: "dead" }, "Dead"],
  ] as const)
    assert.equal(statusText({ ...state, ...change }, now), text);
});

test("ports: exposed, published, and none while it is stopped or has the host's", () => {
  assert.deepEqual(portMap(sampleRecord()), {
    "80/tcp": [
      { HostIp: "0.0.0.0", HostPort: "18080" },
      { HostIp: "::", HostPort: "18080" },
    ],
    "81/tcp": null,
  });
  assert.deepEqual(portList(sampleRecord()), [
    { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 18080, Type: "tcp" },
    { IP: "::", PrivatePort: 80, PublicPort: 18080, Type: "tcp" },
    { PrivatePort: 81, Type: "tcp" },
  ]);
  assert.deepEqual(portMap(sampleRecord({ state: { status: "exited" } })), {});
  assert.deepEqual(portMap(sampleRecord({ host: { NetworkMode: "host" } })), {});
});

test("a list's command is quoted where it has spaces", () => {
  const summary = containerSummary(sampleContainer(), { api: 47, now: Date.now() }) as Record<
    string,
    unknown
  >;
  assert.deepEqual([summary.Command, summary.Created], ["sh -c 'sleep 60'", 1_767_323_045]);
});

test("progress, with the bar for clients that draw none", () => {
  assert.equal(
    progressLine({
      status: "Downloading",
      progressDetail: { current: 4_295_000, total: 8_590_000 },
      id: "a",
    }),
    `{"status":"Downloading","progressDetail":{"current":4295000,"total":8590000},` +
      `"progress":"[${"=".repeat(25)}>${" ".repeat(25)}]  4.295MB/8.59MB","id":"a"}\r\n`,
  );
  assert.equal(
    progressLine({ status: "Pulling fs layer", progressDetail: {}, id: "a" }),
    '{"status":"Pulling fs layer","progressDetail":{},"id":"a"}\r\n',
  );
  assert.equal(
    progressLine({ errorDetail: { message: "no" } }),
    '{"errorDetail":{"message":"no"},"error":"no"}\r\n',
  );
});

test("detach keys", () => {
  assert.deepEqual([...detachSequence("")], [16, 17]);
  assert.deepEqual([...detachSequence("ctrl-x,x")], [24, 120]);
  assert.deepEqual([...detachSequence("ctrl-@,ctrl-[")], [0, 27]);
  for (const wrong of ["ctrl-", "ctrl-1", "ab", "a,,b"])
    assert.throws(() => detachSequence(wrong), /Invalid detach keys/);
});
