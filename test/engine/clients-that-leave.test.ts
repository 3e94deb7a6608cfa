import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { busyboxArchive } from "./harness/busybox-image.ts";
import { askSocket } from "./harness/ask-socket.ts";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { idleInventory, inventory, nothingLeft } from "./harness/leaks.ts";
import { engineTest } from "./harness/needs.ts";

const json = "Content-Type: application/json";
const tar = "Content-Type: application/x-tar";
const upgrade = ["Connection: Upgrade", "Upgrade: tcp"];
const mebibyte = Buffer.alloc(1024 * 1024, 7);

engineTest("clients that leave in the middle of anything: nothing of it stays", async () => {
  await using engine = await testEngine();
  await engine.ok(
    "run",
    "-d",
    "--name",
    "box",
    "busybox",
    "sh",
    "-c",
    "dd if=/dev/zero of=/big bs=1M count=60; sleep 1000",
  );
  await engine.ok(
    "run",
    "-d",
    "--name",
    "loud",
    "busybox",
    "sh",
    "-c",
    "while :; do echo tick; sleep 0.1; done",
  );
  await engine.ok("exec", "box", "sh", "-c", "until [ $(wc -c < /big) = 62914560 ]; do sleep 0.1; done");
  await engine.ok("exec", "box", "true");
  const archive = await busyboxArchive("other:latest");
  const exec = await askSocket(engine.socket, "POST", "/v1.47/containers/box/exec", {
    Cmd: ["cat"],
    AttachStdin: true,
    AttachStdout: true,
  });
  const session = (exec.json as { Id: string }).Id;
  const started = JSON.stringify({ Detach: false, Tty: false });
  const requests: [line: string, headers: string[], body?: string | Buffer][] = [
    ["POST /v1.47/containers/box/wait", []],
    ["POST /v1.47/containers/box/wait?condition=removed", []],
    ["GET /v1.47/events", []],
    ["GET /v1.47/containers/loud/logs?stdout=1&follow=1", []],
    ["GET /v1.47/containers/loud/stats", []],
    ["POST /v1.47/containers/loud/attach?stream=1&stdout=1&stderr=1&logs=1", upgrade],
    ["POST /v1.47/containers/loud/attach?stream=1&stdout=1", []],
    [`POST /v1.47/exec/${session}/start`, [...upgrade, json, `Content-Length: ${started.length}`], started],
    ["GET /v1.47/containers/box/archive?path=/big", []],
    ["GET /v1.47/containers/box/export", []],
    ["GET /v1.47/images/busybox/get", []],
    ["PUT /v1.47/containers/box/archive?path=/tmp", [tar, "Content-Length: 99999999"], mebibyte],
    [
      "POST /v1.47/images/load",
      [tar, `Content-Length: ${archive.length}`],
      archive.subarray(0, archive.length >> 1),
    ],
    [
      "POST /v1.47/images/create?fromSrc=-&repo=half",
      [tar, "Content-Length: 99999999"],
      archive.subarray(0, 100_000),
    ],
    ["POST /v1.47/images/create?fromImage=127.0.0.1:1/none&tag=latest", []],
    ["POST /v1.47/containers/create?name=half", [json, "Content-Length: 1000"], '{"Image":"busybox"'],
    ["POST /v1.47/containers/loud/stop?t=1000&signal=CONT", []],
    ["GET /v1.47/system/df", []],
  ];
  const round = () => Promise.all(requests.map((request) => leftInTheMiddle(engine, ...request)));
  await round();
  await quiet(engine);
  const before = await inventory(engine);
  const files = await openFiles(engine);
  for (let i = 0; i < 4; i++) await round();
  await quiet(engine);
  await nothingLeft(engine, before);
  await until(async () => (await openFiles(engine)) <= files + 3);
  assert.equal(await engine.ok("images", "--format", "{{.Repository}}"), "busybox");
  assert.equal(await engine.ok("ps", "-a", "--format", "{{.Names}}"), "loud\nbox");
  assert.equal(await engine.ok("exec", "box", "ls", "/tmp"), "");
  assert.doesNotMatch(engine.logs(), /unhandled|uncaught|"level":60/i);
  await engine.ok("rm", "-f", "box", "loud");
});

engineTest("a commit whose client left is whole, and its container isn't left frozen", async () => {
  await using engine = await testEngine();
  await engine.ok(
    "run",
    "-d",
    "--name",
    "box",
    "busybox",
    "sh",
    "-c",
    "dd if=/dev/zero of=/big bs=1M count=60; sleep 1000",
  );
  await engine.ok("exec", "box", "sh", "-c", "until [ $(wc -c < /big) = 62914560 ]; do sleep 0.1; done");
  const body = "{}";
  await leftInTheMiddle(
    engine,
    "POST /v1.47/commit?container=box&repo=made&pause=1",
    [json, `Content-Length: ${body.length}`],
    body,
    50,
  );
  await until(async () => (await engine.ok("images", "-q", "made")) !== "");
  assert.equal(await engine.ok("exec", "box", "echo", "thawed"), "thawed");
});

engineTest(
  "an attached client that never reads holds up neither the engine nor the end of its container",
  async () => {
    await using engine = await testEngine();
    const before = await idleInventory(engine);
    await engine.ok("run", "-d", "--name", "loud", "busybox", "yes", "a line that nobody reads");
    const socket = connect(engine.socket);
    socket.on("error", () => undefined);
    socket
      .pause()
      .write(
        [
          "POST /v1.47/containers/loud/attach?stream=1&stdout=1&logs=1 HTTP/1.1",
          "Host: docker",
          ...upgrade,
          "",
          "",
        ].join("\r\n"),
      );
    const memory = async () =>
      Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${engine.pid}/status`, "utf8"))?.[1]);
    await sleep(1_000);
    const start = await memory();
    await sleep(2_000);
    assert.ok((await memory()) - start < 100 * 1024);
    assert.equal(await engine.ok("run", "--rm", "busybox", "echo", "others"), "others");
    assert.equal(await engine.ok("exec", "loud", "echo", "inside"), "inside");
    const began = Date.now();
    await engine.ok("stop", "-t", "1", "loud");
    assert.ok(Date.now() - began < 15_000, "it is stopped though its output isn't taken");
    await engine.ok("rm", "loud");
    await nothingLeft(engine, before);
    socket.destroy();
  },
);

/** Sends it, hears or not, and breaks the connection off. */
async function leftInTheMiddle(
  engine: TestEngine,
  line: string,
  headers: readonly string[],
  body: string | Buffer = "",
  time = 400,
): Promise<void> {
  const socket = connect(engine.socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write([`${line} HTTP/1.1`, "Host: docker", ...headers, "", ""].join("\r\n"));
  if (body.length > 0) socket.write(body);
  // Some of it is heard, and no more.
  socket.once("data", () => socket.pause());
  await sleep(time);
  socket.destroy();
}

/** Sessions that were left have ended. */
async function quiet(engine: TestEngine): Promise<void> {
  await until(async () => (await engine.ok("top", "box", "-o", "pid,args")).split("\n").length <= 3);
}

async function openFiles(engine: TestEngine): Promise<number> {
  return (await readdir(`/proc/${engine.pid}/fd`)).length;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await holds()); await sleep(100))
    if (Date.now() > end) throw new Error("it never came");
}
