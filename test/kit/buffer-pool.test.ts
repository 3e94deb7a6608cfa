import assert from "node:assert/strict";
import { test } from "node:test";
import { createBufferPool } from "#kit/buffer-pool.ts";

test("a buffer that was given back is used again", () => {
  const pool = createBufferPool({ size: 1000, maxIdle: 2 });
  const buffer = pool.take();
  assert.equal(buffer.length, 1000);
  assert.notEqual(pool.take(), buffer);
  pool.give(buffer);
  assert.equal(pool.idle, 1);
  assert.equal(pool.take(), buffer);
  assert.equal(pool.idle, 0);
});

test("no more than maxIdle buffers are kept", () => {
  const pool = createBufferPool({ size: 10, maxIdle: 2 });
  const buffers = [pool.take(), pool.take(), pool.take()];
  for (const buffer of buffers) pool.give(buffer);
  assert.equal(pool.idle, 2);
});

test("giving back twice, or what isn't the pool's, is refused", () => {
  const pool = createBufferPool({ size: 10, maxIdle: 2 });
  const buffer = pool.take();
  pool.give(buffer);
  assert.throws(() => pool.give(buffer), /not out of the pool/);
  assert.throws(() => pool.give(Buffer.alloc(10)), /not out of the pool/);
  assert.equal(pool.idle, 1);
});

test("it tells how many of its buffers are out", () => {
  const pool = createBufferPool({ size: 16, maxIdle: 1 });
  const [one, two] = [pool.take(), pool.take()];
  assert.equal(pool.out, 2);
  pool.give(one);
  pool.give(two);
  assert.equal(pool.out, 0);
});
