import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runProgram } from "#kit/run-program.ts";
import { readLog } from "#adapters/conmon/read-log.ts";

const role = "BERTH_TEST_NO_WATCHES";
const line = (text: string) => `2026-11-21T10:00:00.000000001+00:00 stdout F ${text}\n`;

if (process.env[role] === undefined)
  test("a log is followed on a machine that has no more inotify watches", async (t) => {
    // A user namespace has limits of its own.
    const script = `echo 0 > /proc/sys/user/max_inotify_watches && exec "$0" "$@"`;
    const args = [process.execPath, "--conditions=berth-src", import.meta.filename];
    const end = await runProgram("unshare", ["-Ur", "sh", "-c", script, ...args], {
      env: { PATH: process.env.PATH ?? "", [role]: "1" },
      timeout: 30_000,
    }).catch(() => undefined);
    if (end === undefined || /unshare|Permission|max_inotify/.test(end.stderr))
      return t.skip("needs user namespaces");
    assert.equal(end.stdout, "first second\n", end.stderr);
  });
else {
  const folder = await mkdtemp(join(tmpdir(), "berth-log-"));
  const log = join(folder, "log");
  await writeFile(log, line("first"));
  const ended = Promise.withResolvers<void>();
  const query = {
    stdout: true,
    stderr: true,
    follow: true,
    tail: undefined,
    since: undefined,
    until: undefined,
  };
  const texts: string[] = [];
  for await (const { data } of readLog(log, query, new AbortController().signal, ended.promise)) {
    texts.push(data.toString().trim());
    if (texts.length === 1) await appendFile(log, line("second"));
    else ended.resolve();
  }
  process.stdout.write(`${texts.join(" ")}\n`);
  await rm(folder, { recursive: true });
}
