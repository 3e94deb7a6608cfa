import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { logOf, monitored, textOf } from "./harness/monitored.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("a log is byte for byte what was written, in lines", async (context) => {
  const host = await monitored(context);
  const launch = host.launch(
    String.raw`printf 'a\0b\377\n'; printf 'be'; sleep 0.1; printf 'gun\n\n'; head -c 40000 /dev/zero; echo; printf 'no newline'`,
  );
  const { stdout } = await host.finish(launch);
  const lines = await logOf(host, launch.id);
  assert.equal(textOf(lines), stdout);
  assert.deepEqual(Buffer.from(lines[0]?.data ?? ""), Buffer.from("61006277ff0a".replace("77", ""), "hex"));
  assert.equal(textOf(lines.slice(1, 3)), "begun\n\n");
  assert.ok(
    lines.slice(3, -1).every(({ data }) => data.length <= 32 * 1024),
    "long lines come in parts",
  );
  assert.equal(textOf(lines.slice(-1)), "no newline");
  for (const { time } of lines) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
});

engineTest("the end of a log counts lines of both streams, also those in parts", async (context) => {
  const host = await monitored(context);
  const launch = host.launch(
    "for i in 1 2 3; do echo out$i; sleep 0.02; echo err$i >&2; sleep 0.02; done; printf long; sleep 0.05; echo mid >&2; sleep 0.05; echo er",
  );
  await host.finish(launch);
  const tail = async (count: number) =>
    (await logOf(host, launch.id, { tail: count })).map(({ data }) => Buffer.from(data).toString().trim());
  assert.deepEqual(await tail(0), []);
  assert.deepEqual(await tail(1), ["longer"]);
  assert.deepEqual(await tail(2), ["mid", "longer"]);
  assert.deepEqual(await tail(4), ["out3", "err3", "mid", "longer"]);
  assert.equal((await tail(8)).length, 8);
  assert.equal((await tail(1000)).length, 8);
  const errors = await logOf(host, launch.id, { tail: 3, stdout: false });
  assert.equal(textOf(errors), "err3\nmid\n", "streams are chosen among the last lines");
});

engineTest("a log from one moment until another", async (context) => {
  const host = await monitored(context);
  const id = "a".repeat(64);
  const at = (second: number, text: string) =>
    `2026-01-02T03:04:0${second}.000000500+00:00 stdout F ${text}\n`;
  await writeFile(host.logPath(id), [1, 2, 3, 4].map((second) => at(second, `line${second}`)).join(""));
  const moment = (second: number, more = 0) =>
    BigInt(Date.UTC(2026, 0, 2, 3, 4, second)) * 1_000_000n + BigInt(more);
  const between = async (since: bigint | undefined, until: bigint | undefined) =>
    textOf(await logOf(host, id, { since, until }));
  assert.equal(await between(moment(2), undefined), "line2\nline3\nline4\n");
  assert.equal(await between(moment(2, 500), moment(3, 500)), "line2\nline3\n");
  assert.equal(await between(moment(2, 501), moment(3, 499)), "");
  assert.equal(textOf(await logOf(host, id, { tail: 2, since: moment(4) })), "line4\n");
});

engineTest("what is no log of a monitor's, or isn't there, is no line", async (context) => {
  const host = await monitored(context);
  const id = "b".repeat(64);
  assert.deepEqual(await logOf(host, id), []);
  assert.deepEqual(await logOf(host, id, { tail: 3, follow: true }), []);
  const good = "2026-01-02T03:04:05.000000000+00:00 stderr F good\n";
  await writeFile(
    host.logPath(id),
    `garbage\n\n${good}stdout F x\n${"z".repeat(700_000)}\n${good}2026-01-02T03:04`,
  );
  assert.equal(textOf(await logOf(host, id)), "good\ngood\n");
  assert.equal(textOf(await logOf(host, id, { tail: 1 })), "good\n");
});

engineTest("who follows a log gets each line, and its end with the container's", async (context) => {
  const host = await monitored(context);
  const launch = host.launch("for i in 1 2 3 4 5; do echo line$i; sleep 0.05; done; printf rest");
  await host.monitor.create(launch);
  const all = logOf(host, launch.id, { follow: true });
  const last = logOf(host, launch.id, { follow: true, tail: 0 });
  await host.monitor.start(launch.id);
  const text = "line1\nline2\nline3\nline4\nline5\nrest";
  assert.equal(textOf(await all), text);
  // It may have begun to look after the first lines were there.
  const seen = textOf(await last);
  assert.ok(text.endsWith(seen) && seen.endsWith("rest"), seen);
  await host.monitor.exit(launch.id);
  assert.equal(textOf(await logOf(host, launch.id, { follow: true, tail: 2 })), "line5\nrest");
});

engineTest("who stops following gets an error of its own making", async (context) => {
  const host = await monitored(context);
  const launch = host.launch("echo one; sleep 100");
  await host.run(launch);
  const stop = new AbortController();
  const lines = host.monitor.logs(
    launch.id,
    { stdout: true, stderr: true, follow: true, tail: undefined, since: undefined, until: undefined },
    stop.signal,
  );
  const seen = (async () => {
    for await (const { data } of lines) {
      assert.equal(Buffer.from(data).toString(), "one\n");
      setTimeout(() => stop.abort(), 50);
    }
  })();
  await assert.rejects(seen, { name: "AbortError" });
});

engineTest("without a log driver nothing is kept", async (context) => {
  const host = await monitored(context);
  const launch = host.launch("echo out", { log: { driver: "none", maxSize: 0, maxFiles: 1 } });
  assert.equal((await host.finish(launch)).stdout, "out\n");
  assert.deepEqual(await logOf(host, launch.id), []);
});
