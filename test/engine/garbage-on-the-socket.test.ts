import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { askSocket } from "./harness/ask-socket.ts";
import { testEngine, type TestEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";

const head = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, "Host: docker", ...headers, "", ""].join("\r\n");
const json = "Content-Type: application/json";
const create = (body: string | Buffer) =>
  Buffer.concat([
    Buffer.from(head("POST /v1.47/containers/create", json, `Content-Length: ${Buffer.byteLength(body)}`)),
    Buffer.from(body),
  ]);
const deep = (depth: number) => `{"Image":"busybox","Labels":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`;

const garbage: readonly [name: string, bytes: string | Buffer, statuses: readonly number[]][] = [
  ["nothing", "", []],
  ["noise", Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256)), [400]],
  ["a TLS hello", Buffer.from("1603010200010001fc0303", "hex"), [400]],
  ["half a request", "GET /v1.47/info HT", [400, 408]],
  ["a header without end", `GET /_ping HTTP/1.1\r\nHost: docker\r\nX: ${"a".repeat(100_000)}`, [431]],
  ["a line without end", `GET /${"a".repeat(100_000)}`, [414, 431]],
  ["no host", "GET /_ping HTTP/1.1\r\n\r\n", [400]],
  ["another version", head("GET /v9.99/info"), [400]],
  ["a path out of the root", head("GET /v1.47/../../etc/passwd"), [400, 404]],
  ["NUL in a path", head("GET /v1.47/containers/%00/json"), [400, 404]],
  ["invalid escapes", head("GET /v1.47/containers/%zz%ff/json"), [400, 404]],
  [
    "two lengths",
    `${head("POST /v1.47/containers/create", json, "Content-Length: 2", "Content-Length: 3")}{}`,
    [400],
  ],
  ["a negative length", head("POST /v1.47/containers/create", json, "Content-Length: -1"), [400]],
  [
    "length and chunks",
    `${head("POST /v1.47/containers/create", json, "Content-Length: 2", "Transfer-Encoding: chunked")}0\r\n\r\n`,
    [400],
  ],
  [
    "chunks of no size",
    `${head("POST /v1.47/containers/create", json, "Transfer-Encoding: chunked")}zz\r\n`,
    [400],
  ],
  ["no JSON", create("nonsense"), [400]],
  ["half of a JSON", create('{"Image":"busybox"'), [400]],
  ["a list", create("[]"), [400]],
  ["deep JSON", create(deep(100_000)), [400, 404]],
  ["invalid UTF-8", create(Buffer.from('{"Image":"\xff\xfe\xc0"}', "latin1")), [400, 404]],
  ["lone surrogates", create('{"Image":"busybox","Hostname":"\\ud800"}'), [400, 404]],
  ["a proto key", create('{"Image":"nosuch","__proto__":{"x":1},"constructor":{"prototype":1}}'), [404]],
  ["oversized JSON", create(`{"Image":"${"a".repeat(20 * 1024 * 1024)}"}`), [400, 413]],
  [
    "an announced terabyte",
    head("POST /v1.47/containers/create", json, "Content-Length: 1099511627776"),
    [400, 413],
  ],
  [
    "an upgrade to nothing",
    head("POST /v1.47/containers/nosuch/attach?stream=1", "Connection: Upgrade", "Upgrade: tcp"),
    [404],
  ],
  ["an upgrade of what has none", head("GET /v1.47/info", "Connection: Upgrade", "Upgrade: h2c"), [200]],
  [
    "an exec's upgrade without a body",
    head("POST /v1.47/exec/nosuch/start", "Connection: Upgrade", "Upgrade: tcp"),
    [400, 404],
  ],
  ["a CONNECT", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n", [400, 404, 405]],
];

engineTest(
  "200 requests of garbage at the same time: each is refused in words, none keeps anything",
  async () => {
    await using engine = await testEngine();
    await askSocket(engine.socket, "GET", "/v1.47/info");
    const before = await openFiles(engine);
    const all = Array.from(
      { length: 200 },
      (_, i) => garbage[i % garbage.length] as (typeof garbage)[number],
    );
    await Promise.all(
      all.map(async ([name, bytes, statuses], i) => {
        const answer = await sent(engine, bytes, i % 2 === 0);
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
        assert.ok(
          status === 0 ? statuses.length === 0 || !answer : statuses.includes(status),
          `${name}: ${answer.slice(0, 300)}`,
        );
      }),
    );
    assert.equal(await engine.ok("run", "--rm", "busybox", "echo", "well"), "well");
    assert.equal(await engine.ok("ps", "-aq"), "");
    await until(async () => (await openFiles(engine)) <= before + 2);
    assert.doesNotMatch(engine.logs(), /unhandled|uncaught/i);
  },
);

engineTest("each piece of garbage on a connection that stays open is answered, too", async () => {
  await using engine = await testEngine({}, "");
  for (const [name, bytes, statuses] of garbage) {
    // Half of something waits for the other half.
    if (/^(nothing|a CONNECT|half a request|a header|a line|a TLS|an announced)/.test(name)) continue;
    const answer = await sent(engine, bytes, false);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
    assert.ok(statuses.includes(status), `${name}: ${answer.slice(0, 300)}`);
    if (status >= 400 && !/^(noise|no host|two|a negative|length and|chunks)/.test(name))
      assert.match(answer, /\r\n\r\n(.*\r\n)?\{"message":"/s, name);
  }
});

engineTest(
  "pipelined requests are answered in their order; an upgrade behind them harms nobody else",
  async () => {
    await using engine = await testEngine();
    await engine.ok("run", "-d", "--name", "talks", "busybox", "sleep", "1000");
    const plain = head("GET /_ping") + head("GET /v1.47/containers/nosuch/json") + head("GET /_ping");
    const statuses = (answer: string) =>
      [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
    assert.deepEqual(statuses(await sent(engine, plain, false, 1_000)), ["200", "404", "200"]);
    const attach = head(
      "POST /v1.47/containers/talks/attach?stream=1",
      "Connection: Upgrade",
      "Upgrade: tcp",
    );
    const follows = head("GET /v1.47/events");
    for (const before of [plain, follows, follows + plain]) await sent(engine, before + attach, false, 500);
    assert.deepEqual(
      statuses(await sent(engine, attach + plain, false, 500)),
      ["101"],
      "what follows is input",
    );
    assert.equal(await engine.ok("ps", "--format", "{{.Names}}"), "talks");
  },
);

/** What is answered until the server ends, or says no more. */
async function sent(
  engine: TestEngine,
  bytes: string | Buffer,
  ends: boolean,
  time = 2_500,
): Promise<string> {
  const socket: Socket = connect({ path: engine.socket, allowHalfOpen: true });
  let answer = "";
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once("close", resolve).once("end", resolve);
  });
  const heard = Promise.withResolvers<void>();
  let silence: NodeJS.Timeout | undefined;
  socket.setEncoding("latin1").on("data", (text: string) => {
    answer += text;
    clearTimeout(silence);
    silence = setTimeout(heard.resolve, 300);
  });
  await once(socket, "connect");
  if (ends) socket.end(bytes);
  else socket.write(bytes);
  const late = sleep(time, undefined, { ref: false });
  await Promise.race([closed, heard.promise, late]);
  socket.destroy();
  return answer;
}

async function openFiles(engine: TestEngine): Promise<number> {
  return (await readdir(`/proc/${engine.pid}/fd`)).length;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await holds()); await sleep(100))
    if (Date.now() > end) throw new Error("it never came");
}
