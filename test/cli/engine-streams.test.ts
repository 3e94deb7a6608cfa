import assert from "node:assert/strict";
import { test } from "node:test";
import { putOutput } from "#cli/engine/demultiplex.ts";
import { createDetachFilter } from "#cli/engine/detach-keys.ts";
import { ago } from "#cli/engine/columns.ts";

test("frames are taken apart wherever the bytes are cut", async () => {
  const frame = (type: number, text: string) => {
    const head = Buffer.alloc(8);
    head[0] = type;
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const all = Buffer.concat([frame(1, "one\n"), frame(2, "err\n"), frame(1, ""), frame(1, "two ä\n")]);
  for (const size of [1, 3, 8, 9, all.length]) {
    const written = { out: "", err: "" };
    const bytes = { out: [] as Uint8Array[], err: [] as Uint8Array[] };
    const output = (name: "out" | "err") => ({
      write: (chunk: string | Uint8Array) => bytes[name].push(Buffer.from(chunk)),
    });
    const cut = async function* () {
      for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
    };
    await putOutput(cut(), false, { stdout: output("out"), stderr: output("err") });
    written.out = Buffer.concat(bytes.out).toString();
    written.err = Buffer.concat(bytes.err).toString();
    assert.deepEqual(written, { out: "one\ntwo ä\n", err: "err\n" }, `cut at ${size}`);
  }
});

test("detach keys never reach the container, and what only looks like them does", () => {
  const keys = (...texts: string[]) => {
    const filter = createDetachFilter("ctrl-p,ctrl-q");
    return texts.map((text) => {
      const passed = filter.pass(Buffer.from(text));
      return passed === undefined ? "left" : Buffer.from(passed).toString();
    });
  };
  assert.deepEqual(keys("ab\u0010\u0011"), ["left"]);
  assert.deepEqual(keys("\u0010", "\u0011"), ["", "left"]);
  assert.deepEqual(keys("\u0010", "x"), ["", "\u0010x"]);
  assert.deepEqual(keys("\u0010\u0010\u0011"), ["left"]);
  assert.deepEqual(createDetachFilter("").pass(Buffer.from("\u0010\u0011"))?.length, 2);
  assert.throws(() => createDetachFilter("ctrl-pp"), /is not a key to detach with/);
});

test("how long ago is said as docker says it", () => {
  const day = 86_400;
  assert.deepEqual(
    [0, 1, 59, 60, 3600, 47 * 3600, 2 * day, 13 * day, 14 * day, 100 * day, 800 * day].map((s) =>
      ago(1000, 1000 + s),
    ),
    [
      "0 seconds",
      "1 second",
      "59 seconds",
      "1 minute",
      "1 hour",
      "47 hours",
      "2 days",
      "13 days",
      "2 weeks",
      "3 months",
      "2 years",
    ].map((text) => `${text} ago`),
  );
});
