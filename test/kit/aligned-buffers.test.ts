import assert from "node:assert/strict";
import { test } from "node:test";
import { createAlignedBuffers } from "#kit/aligned-buffers.ts";

test("there are so many, and no more; each lies apart from the others", () => {
  const buffers = createAlignedBuffers({ size: 64 * 1024, count: 3 });
  const out = [buffers.take(), buffers.take(), buffers.take()];
  assert.equal(buffers.take(), undefined);
  out.forEach((buffer, i) => buffer?.fill(i + 1));
  assert.deepEqual(
    out.map((buffer) => [buffer?.[0], buffer?.at(-1), buffer?.length]),
    [1, 2, 3].map((i) => [i, i, 64 * 1024]),
  );
  for (const buffer of out) assert.equal((buffer?.byteOffset ?? 1) % 4096, 0);
});

test("a buffer given back twice, or never taken, is not handed out twice", () => {
  const buffers = createAlignedBuffers({ size: 64 * 1024, count: 1 });
  const one = buffers.take();
  assert.ok(one !== undefined && buffers.owns(one));
  buffers.give(one);
  buffers.give(one);
  buffers.give(Buffer.alloc(10));
  assert.equal(buffers.owns(one), false);
  assert.equal(buffers.take(), one);
  assert.equal(buffers.take(), undefined);
});
