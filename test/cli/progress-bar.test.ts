import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { createProgress, progressText } from "#cli/terminal/progress-bar.ts";
import { sizeText } from "#cli/terminal/size-text.ts";

function terminal(isTTY: boolean, env: Record<string, string> = {}, columns?: number) {
  let written = "";
  const stderr = { isTTY, columns, write: (text: string) => (written += text) };
  return { io: { stderr, env }, written: () => written };
}

const parts = { label: "Copying", unit: "blobs" };

test("how far, how fast, how long yet", () => {
  const state = { ...parts, done: { items: 3, bytes: 3 * 2 ** 20 }, rate: 2 ** 20 };
  const total = { items: 30, bytes: 30 * 2 ** 20 };
  assert.equal(
    progressText({ ...state, total }),
    "Copying [##------------------] 10%  3/30 blobs  3.0 MiB of 30 MiB  1.0 MiB/s  27 s left",
  );
  assert.equal(progressText({ ...state, total: undefined }), "Copying  3 blobs  3.0 MiB  1.0 MiB/s");
  assert.match(progressText({ ...state, rate: 0, total }), /0 B\/s$/);
  assert.match(progressText({ ...state, rate: 1000, total }), / 7 h 51 min left$/);
  assert.match(progressText({ ...state, total: { items: 1, bytes: 1 } }), /\] 100% /);
  assert.match(progressText({ ...state, total: { items: 4, bytes: 0 } }), /\] 75% /);
});

test("sizes have a unit that one reads at a glance", () => {
  const sizes = [0, 999, 1000, 1536, 10 * 1024, 1023.9 * 2 ** 20, 2 ** 30, 5.5 * 2 ** 40];
  assert.deepEqual(sizes.map(sizeText), [
    "0 B",
    "999 B",
    "1.0 KiB",
    "1.5 KiB",
    "10 KiB",
    "1.0 GiB",
    "1.0 GiB",
    "5.5 TiB",
  ]);
});

test("on a terminal the line is drawn over and over, never wider than it, and gone at the end", async () => {
  const { io, written } = terminal(true, {}, 40);
  const progress = createProgress({ io, ...parts, total: { items: 10, bytes: 1000 } });
  for (let i = 0; i < 10; i++) {
    progress.add(100);
    progress.done();
    await pause(30);
  }
  progress.note("one was odd");
  progress.end();
  assert.match(written(), /^\rCopying \[-+\] 0%/);
  assert.match(written(), /\r\u001b\[Kone was odd\n\rCopying/);
  assert.ok(written().endsWith("\r\u001b[K"));
  for (const line of written().split(/\r|\n/)) assert.ok(line.replace("\u001b[K", "").length <= 40, line);
});

test("without a terminal, or on one that can't, only notes are written", async () => {
  for (const { io, written } of [terminal(false), terminal(true, { TERM: "dumb" })]) {
    {
      using progress = createProgress({ io, ...parts });
      progress.expect({ items: 1, bytes: 5 });
      progress.add(5);
      await pause(150);
      progress.note("one was odd");
    }
    assert.equal(written(), "one was odd\n");
  }
});
