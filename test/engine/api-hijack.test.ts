import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import type { ContainersNeeds, ExecView } from "#http/docker/needs.ts";
import { serveDoor } from "./harness/door.ts";
import { fakeAttachment, type FakeAttachment } from "./harness/fake-attachment.ts";
import { untilEnd } from "./harness/until-end.ts";

const upgrade = "Host: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";
const line = (path: string) => `POST /v1.47${path} HTTP/1.1\r\n${upgrade}`;
const attachLine = line("/containers/web/attach?stream=1&stdin=1&stdout=1&stderr=1");

function attaching(attachment: FakeAttachment, tty = false): Partial<ContainersNeeds> {
  return {
    attach: async () => ({ tty, replay: nothing(), attachment }),
  };
}

async function* nothing() {}

function frame(type: number, text: string): string {
  const head = Buffer.alloc(8);
  head[0] = type;
  head.writeUInt32BE(text.length, 4);
  return head.toString("latin1") + text;
}

test("the client's end right after the request is no leave: the output goes on", async () => {
  const process = fakeAttachment();
  await using door = await serveDoor({ containers: attaching(process) });
  const socket = door.open();
  const all = untilEnd(socket);
  // The head in several segments, input behind it, and the end of the client's side at once.
  for (const part of [attachLine.slice(0, 20), attachLine.slice(20), "\r\nearly ", "bird"])
    socket.write(part);
  socket.end();
  while (!process.inputEnded) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(process.input, "early bird");
  assert.equal(process.closed, false);
  process.say("out");
  process.say("err", "stderr");
  process.finish();
  const [head = "", rest = ""] = (await all).split("\r\n\r\n", 2);
  assert.match(head, /^HTTP\/1\.1 101 UPGRADED\r\n/);
  assert.match(head, /^Connection: Upgrade$/im);
  assert.match(head, /^Upgrade: tcp$/im);
  assert.match(head, /^Content-Type: application\/vnd\.docker\.multiplexed-stream$/m);
  assert.equal(rest, frame(1, "out") + frame(2, "err"));
});

test("without stdin the client's end ends nobody's stdin, and unwanted streams are left out", async () => {
  const process = fakeAttachment();
  await using door = await serveDoor({ containers: attaching(process) });
  const socket = door.open();
  const all = untilEnd(socket);
  socket.end(`${line("/containers/web/attach?stream=1&stderr=1")}\r\n`);
  process.say("out");
  process.say("err", "stderr");
  await once(socket, "data");
  process.finish();
  assert.ok((await all).endsWith(`\r\n\r\n${frame(2, "err")}`));
  assert.equal(process.inputEnded, false);
});

test("a terminal's output is raw, and its detach keys leave it running", async () => {
  const process = fakeAttachment();
  await using door = await serveDoor({ containers: attaching(process, true) });
  const socket = door.open();
  const all = untilEnd(socket);
  socket.write(`${attachLine}\r\nls\x10x`);
  process.say("$ ");
  while (process.input !== "ls\x10x") await new Promise((resolve) => setImmediate(resolve));
  socket.write("\x10");
  socket.write("\x11never read");
  const text = await all;
  assert.match(text, /^Content-Type: application\/vnd\.docker\.raw-stream\r$/m);
  assert.ok(text.endsWith("\r\n\r\n$ "));
  assert.equal(process.input, "ls\x10x");
  assert.deepEqual([process.closed, process.inputEnded], [true, false]);
});

test("before 1.42 the type of output was one", async () => {
  const process = fakeAttachment();
  process.finish();
  await using door = await serveDoor({ containers: attaching(process) });
  const socket = door.open();
  const all = untilEnd(socket);
  socket.write(attachLine.replace("/v1.47", "/v1.41") + "\r\n");
  assert.match(await all, /^Content-Type: application\/vnd\.docker\.raw-stream\r$/m);
});

test("a client that breaks off leaves the attachment, and only that", async () => {
  const left = Promise.withResolvers<void>();
  const process = fakeAttachment((what) => what === "close" && left.resolve());
  await using door = await serveDoor({ containers: attaching(process) });
  const socket = door.open();
  socket.write(`${line("/containers/web/attach?stream=1&stdout=1")}\r\n`);
  await once(socket, "data");
  socket.destroy();
  // The end of a unix socket is known by writing to it.
  process.say("is anybody there?");
  process.say("is anybody there?");
  await left.promise;
  assert.equal(process.inputEnded, false);
});

test("without a terminal its stdin ends with a client that breaks off", async () => {
  const left = Promise.withResolvers<void>();
  const process = fakeAttachment((what) => what === "close" && left.resolve());
  await using door = await serveDoor({ containers: attaching(process) });
  const socket = door.open();
  socket.write(`${attachLine}\r\nhalf a li`);
  await once(socket, "data");
  socket.destroy();
  process.say("is anybody there?");
  process.say("is anybody there?");
  await left.promise;
  assert.equal(process.inputEnded, true);
});

test("what is refused before the upgrade is a plain answer", async () => {
  await using door = await serveDoor({
    containers: {
      attach: () =>
        Promise.reject(new AppError("engine-conflict", "You cannot attach to a paused container")),
    },
  });
  const socket = door.open();
  const all = untilEnd(socket);
  socket.write(`${attachLine}\r\n`);
  const text = await all;
  assert.match(text, /^HTTP\/1\.1 409 Conflict\r\n/);
  assert.match(text, /\r\nConnection: close\r\n/);
  assert.ok(text.endsWith('{"message":"You cannot attach to a paused container"}\n'));
});

test("bad detach keys are refused", async () => {
  await using door = await serveDoor({ containers: attaching(fakeAttachment()) });
  const answer = await door.request("POST", "/containers/web/attach?detachKeys=ctrl-1");
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.json, { message: "Invalid detach keys (ctrl-1) provided" });
});

test("without an upgrade the output comes until the connection closes", async () => {
  const process = fakeAttachment();
  await using door = await serveDoor({ containers: attaching(process) });
  const socket = door.open();
  const all = untilEnd(socket);
  socket.write("POST /containers/web/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: docker\r\n\r\n");
  process.say("out");
  await once(socket, "data");
  process.finish();
  const text = await all;
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  assert.doesNotMatch(text, /transfer-encoding/i);
  assert.ok(text.endsWith(`\r\n\r\n${frame(1, "out")}`));
  assert.equal(process.inputEnded, false);
});

const view: ExecView = {
  id: "e1",
  container: "c1",
  running: false,
  exitCode: undefined,
  pid: 0,
  tty: false,
  stdin: true,
  stdout: true,
  stderr: true,
  detachKeys: "",
  user: "",
  privileged: false,
  entrypoint: "cat",
  arguments: [],
};

test("exec: the body is read out of the upgrade, what follows it is input", async () => {
  const process = fakeAttachment((what) => {
    if (what === "end") process.finish();
  });
  const sizes: unknown[] = [];
  await using door = await serveDoor({
    execs: {
      look: async () => view,
      start: async (_id, { size }) => {
        sizes.push(size);
        return process;
      },
    },
  });
  const body = '{"Detach":false,"Tty":false,"ConsoleSize":[24,80]}';
  const socket = door.open();
  const all = untilEnd(socket);
  socket.write(
    `${line("/exec/e1/start")}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
  );
  await new Promise((resolve) => setImmediate(resolve));
  socket.end(`${body.slice(9)}hello`);
  assert.match(await all, /^HTTP\/1\.1 101/);
  assert.equal(process.input, "hello");
  assert.deepEqual(sizes, [{ rows: 24, columns: 80 }]);
});

test("exec: what fails after the upgrade is told as output", async () => {
  await using door = await serveDoor({
    execs: {
      look: async () => view,
      start: () => Promise.reject(new AppError("start-failed", "OCI runtime exec failed: nothing there")),
    },
  });
  const socket = door.open();
  const all = untilEnd(socket);
  socket.end(`${line("/exec/e1/start")}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`);
  assert.ok((await all).endsWith(frame(1, "OCI runtime exec failed: nothing there\r\n")));
});

test("exec without an upgrade: the body was the request's, and is no input that ends", async () => {
  const process = fakeAttachment();
  await using door = await serveDoor({
    execs: { look: async () => ({ ...view, tty: true }), start: async () => process },
  });
  const socket = door.open();
  const all = untilEnd(socket);
  socket.write(
    "POST /exec/e1/start HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n" +
      '{"Tty":true}',
  );
  await once(socket, "data");
  process.say("still there");
  process.finish();
  assert.match(await all, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nstill there$/);
  assert.equal(process.inputEnded, false);
});

test("attach without an upgrade: a body that is sent is input", async () => {
  const process = fakeAttachment((what) => {
    if (what === "end") process.finish();
  });
  await using door = await serveDoor({ containers: attaching(process) });
  const socket = door.open();
  const all = untilEnd(socket);
  socket.write(
    "POST /containers/web/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: docker\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "5\r\nhello\r\n",
  );
  while (process.input !== "hello") await new Promise((resolve) => setImmediate(resolve));
  process.say("got it");
  socket.write("0\r\n\r\n");
  assert.ok((await all).endsWith(frame(1, "got it")));
});

test("an upgrade with a body that is chunked, too long or broken off is refused", async () => {
  await using door = await serveDoor({ execs: { look: async () => view } });
  const chunked = door.open();
  const answer = untilEnd(chunked);
  chunked.write(`${line("/exec/e1/start")}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`);
  assert.match(await answer, /^HTTP\/1\.1 411 /);
  const long = door.open();
  const closed = once(long, "close");
  long.on("error", () => undefined).resume();
  long.write(`${line("/exec/e1/start")}Content-Length: 99999999999\r\n\r\n`);
  long.once("end", () => long.end());
  await closed;
  const short = door.open();
  short.on("error", () => undefined).resume();
  short.end(`${line("/exec/e1/start")}Content-Length: 9\r\n\r\n{`);
  await once(short, "close");
});
