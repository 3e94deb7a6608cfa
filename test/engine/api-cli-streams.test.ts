import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import type { EngineEvent } from "#core/engine/event.ts";
import type { LogLine, LogQuery } from "#core/engine/output.ts";
import { plainEnvironment, runProgram } from "#kit/run-program.ts";
import type { ProgressLine } from "#core/engine/progress.ts";
import type { Usage } from "#core/engine/runtime.ts";
import { needs } from "../clients/needs.ts";
import { serveDoor } from "./harness/door.ts";
import { sampleContainer, sampleId } from "./harness/sample-container.ts";

const real = { timeout: 30_000, ...needs("docker") };

async function* of<T extends object>(...items: (T | Error)[]): AsyncGenerator<T> {
  for (const item of items) {
    if (item instanceof Error) throw item;
    yield item;
  }
}

const lines = (...items: (ProgressLine | Error)[]) => of<ProgressLine>(...items);

const line = (text: string, stream: "stdout" | "stderr" = "stdout"): LogLine => ({
  stream,
  data: Buffer.from(text),
  time: "2026-11-20T23:45:56.719236476Z",
});

test("logs: both streams, times, details, and what was asked for", real, async () => {
  const asked: LogQuery[] = [];
  await using door = await serveDoor({
    containers: {
      inspect: async () => sampleContainer(),
      async logs(_ref, query) {
        asked.push(query);
        return {
          tty: false,
          lines: of(line("one\n"), line("two\n", "stderr")),
          attributes: { b: "2", a: "1" },
        };
      },
    },
  });
  const plain = await door.docker(["logs", "web"]);
  assert.deepEqual([plain.stdout, plain.stderr], ["one\n", "two\n"]);
  const told = await door.docker([
    "logs",
    "-t",
    "--details",
    "--tail",
    "5",
    "--since",
    "1795218300.5",
    "web",
  ]);
  assert.equal(told.stdout, "2026-11-20T23:45:56.719236476Z a=1,b=2 one\n");
  const both = { stdout: true, stderr: true, follow: false, until: undefined };
  assert.deepEqual(asked, [
    { ...both, tail: undefined, since: undefined },
    { ...both, tail: 5, since: 1_795_218_300_500_000_000n },
  ]);
});

test("logs: a fault in the middle is told, words of a fault of ours aren't", real, async () => {
  await using door = await serveDoor({
    containers: {
      inspect: async () => sampleContainer(),
      logs: async () => ({ tty: false, lines: of(line("one\n"), new Error("secret path")), attributes: {} }),
    },
  });
  const { code, stdout, stderr } = await door.docker(["logs", "web"]);
  assert.equal(code, 1);
  assert.equal(stdout, "one\n");
  assert.match(stderr, /error from daemon in stream: Error grabbing logs: the server failed/);
  assert.doesNotMatch(stderr, /secret/);
});

test("events: past ones, in docker's form with nine digits", real, async () => {
  const event = (type: EngineEvent["type"], action: string): EngineEvent => ({
    type,
    action,
    id: sampleId,
    attributes: { name: "web", image: "busybox" },
    time: 1_795_218_300_123_456_789n,
  });
  await using door = await serveDoor({
    system: {
      events({ since, until, filters }) {
        assert.deepEqual(
          [typeof since, typeof until, filters.get("type")],
          ["bigint", "bigint", ["container"]],
        );
        return of(event("container", "start"), event("network", "connect"));
      },
    },
  });
  const args = [
    "events",
    "--since",
    "1",
    "--until",
    "2",
    "--filter",
    "type=container",
    "--format",
    "{{json .}}",
  ];
  const { stdout } = await door.docker(args);
  const [first, second] = stdout.trim().split("\n");
  assert.equal(
    first,
    `{"status":"start","id":"${sampleId}","from":"busybox","Type":"container","Action":"start","Actor":` +
      `{"ID":"${sampleId}","Attributes":{"image":"busybox","name":"web"}},"scope":"local","time":1795218300,` +
      '"timeNano":1795218300123456789}',
  );
  assert.match(second ?? "", /^\{"Type":"network"/);
});

const usage = (total: number, host: number): Usage => ({
  cpu: {
    total,
    user: total,
    system: 0,
    perCpu: [],
    host,
    online: 2,
    throttling: { periods: 0, throttled: 0, time: 0 },
  },
  memory: { usage: 3 << 20, max: 0, limit: 6 << 20, failures: 0, stats: { total_inactive_file: 1 << 20 } },
  pids: { current: 4, limit: 0 },
  io: [{ device: [8, 0], operation: "Read", bytes: 1_000, operations: 1 }],
  networks: {
    eth0: {
      received: { bytes: 2_000, packets: 1, errors: 0, dropped: 0 },
      sent: { bytes: 3_000, packets: 1, errors: 0, dropped: 0 },
    },
  },
});

test("stats: from two samples; what has stopped has none", real, async () => {
  let sample = 0;
  await using door = await serveDoor({
    containers: {
      stats: async (ref) => ({
        id: sampleId,
        name: "web",
        usage: ref === "stopped" ? undefined : usage(1e9 * ++sample, 4e9 * sample),
      }),
    },
  });
  const { stdout } = await door.docker(["stats", "--no-stream", "--format", "{{json .}}", "web"]);
  const { CPUPerc, MemUsage, NetIO, BlockIO, PIDs, Name } = JSON.parse(stdout) as Record<string, string>;
  assert.deepEqual(
    [Name, CPUPerc, MemUsage, NetIO, BlockIO, PIDs],
    ["web", "50.00%", "2MiB / 6MiB", "2kB / 3kB", "1kB / 0B", "4"],
  );
  const stopped = await door.request("GET", "/containers/stopped/stats?stream=0");
  const { read, memory_stats } = stopped.json as { read: string; memory_stats: object };
  assert.deepEqual([read, memory_stats], ["0001-01-01T00:00:00Z", {}]);
});

test("pull and push: lines, and errors before and after the first", real, async () => {
  await using door = await serveDoor({
    images: {
      pull({ name, credentials }) {
        assert.equal(credentials, undefined);
        if (name.endsWith("missing"))
          return lines(new AppError("engine-missing", `manifest for ${name} not found`));
        return lines(
          { status: "Pulling fs layer", id: "aaaaaaaaaaaa" },
          new AppError("engine-failed", "it broke"),
        );
      },
      push: ({ name, tag }) =>
        tag === "1"
          ? lines({ status: `The push refers to repository [${name}]` })
          : lines(new AppError("engine-missing", `An image does not exist locally with the tag: ${name}`)),
    },
  });
  const missing = await door.docker(["pull", "localhost:5001/a/missing"]);
  assert.deepEqual(
    [missing.code, missing.stderr],
    [1, "Error response from daemon: manifest for localhost:5001/a/missing not found\n"],
  );
  const broke = await door.docker(["pull", "localhost:5001/a/b"]);
  assert.deepEqual([broke.code, broke.stderr], [1, "it broke\n"]);
  assert.match(broke.stdout, /aaaaaaaaaaaa: Pulling fs layer/);
  const pushed = await door.docker(["push", "localhost:5001/a/b:1"]);
  assert.equal(pushed.code, 0);
  assert.match(pushed.stdout, /\[localhost:5001\/a\/b\]/);
  const nothing = await door.docker(["push", "localhost:5001/a/b:2"]);
  assert.deepEqual(
    [nothing.code, nothing.stderr],
    [1, "An image does not exist locally with the tag: localhost:5001/a/b\n"],
  );
});

test("save, load, import, export", real, async () => {
  let loaded = "";
  const take = async (body: AsyncIterable<Uint8Array>) => {
    for await (const chunk of body) loaded += Buffer.from(chunk).toString();
  };
  await using door = await serveDoor({
    images: {
      save: async (names) => of(Buffer.from(`tar of ${names.join(" and ")}`)),
      async *load(body, quiet) {
        await take(body);
        yield { stream: `Loaded image: a:1 ${quiet}\n` };
      },
      async *importRoot({ source, repo, changes, body }) {
        await take(body);
        yield { status: `${source} ${repo} ${changes.join()}` };
      },
    },
    containers: { exportRoot: async () => of(Buffer.from("root")) },
  });
  assert.equal((await door.docker(["save", "a:1", "b/c"])).stdout, "tar of a:1 and b/c");
  assert.equal((await door.docker(["load"], { input: "one " })).stdout, "Loaded image: a:1 true\n");
  assert.equal(
    (await door.docker(["import", "-c", "CMD x", "-", "r:t"], { input: "two" })).stdout,
    "- r:t CMD x\n",
  );
  assert.equal(loaded, "one two");
  assert.equal((await door.docker(["export", "web"])).stdout, "root");
});

test("cp, both ways", real, async () => {
  const folder = await mkdtemp(join(tmpdir(), "berth-cp-"));
  try {
    await writeFile(join(folder, "file"), "what is copied");
    const { stdout } = await runProgram("sh", ["-c", `tar -C ${folder} -c file | base64 -w0`], {
      env: plainEnvironment,
    });
    const tar = Buffer.from(stdout, "base64");
    let got = Buffer.alloc(0);
    const asked: string[] = [];
    const stat = { name: "file", size: 14, mode: 0o644, mtime: "2026-01-02T03:04:05Z", linkTarget: "" };
    await using door = await serveDoor({
      containers: {
        async statPath(_ref, path) {
          asked.push(`stat ${path}`);
          if (path === "/none/new") throw new AppError("engine-missing", `Could not find the file ${path}`);
          return { ...stat, name: "tmp", mode: 0x80000000 + 0o755 };
        },
        async readPath(_ref, path) {
          asked.push(`read ${path}`);
          return { stat, body: of(tar) };
        },
        async writePath(_ref, path, body, options) {
          asked.push(`write ${path} ${JSON.stringify(options)}`);
          const chunks: Uint8Array[] = [];
          for await (const chunk of body) chunks.push(chunk);
          got = Buffer.concat(chunks);
        },
      },
    });
    const out = await door.docker(["cp", "web:/etc/file", join(folder, "back")]);
    assert.equal(out.code, 0, out.stderr);
    assert.equal(await readFile(join(folder, "back"), "utf8"), "what is copied");
    const into = await door.docker(["cp", "-a", join(folder, "file"), "web:/tmp"]);
    assert.equal(into.code, 0, into.stderr);
    assert.ok(got.includes("what is copied"));
    assert.deepEqual(asked, [
      "read /etc/file",
      "stat /tmp",
      'write /tmp {"noOverwriteDirNonDir":true,"copyOwner":true}',
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
