import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { CachedPiece } from "#core/metadata/cached-content.ts";
import { atRest, evictDown } from "#pull-through/evict-down.ts";
import type { RoundWork } from "#pull-through/evict-sweep.ts";
import { cached, digest, hour, openCache, size } from "./cache-room.ts";

const busybox = cached("docker.io/library/busybox");
const texts = Array.from({ length: 30 }, (_, n) => `blob ${n}`);

/** Thirty blobs, coldest first, which are to become at most five; ten looks for each round. */
async function thirty(t: TestContext, pinned: (piece: CachedPiece) => boolean) {
  const room = await openCache(t);
  for (const text of texts) {
    room.now++;
    await room.blob(busybox, text);
  }
  room.now += hour;
  const limit = 20 * size;
  const bounded = { upstream: "docker.io", limit, high: limit, low: 5 * size, from: ["docker.io"] };
  const progress = atRest();
  async function round() {
    const work: RoundWork = { looks: 10, bytes: 0, pieces: 0 };
    const parts = {
      cached: room.content,
      pins: { pinned: (piece: CachedPiece) => Promise.resolve(pinned(piece)) },
      now: room.now,
      before: room.now,
      signal: new AbortController().signal,
    };
    const { more } = await evictDown(bounded, progress, await room.content.usage(), parts, work);
    return { pieces: work.pieces, more };
  }
  return { room, round };
}

test("a round does a bounded piece of work, and the next ones go on, below the high water, too", async (t) => {
  const { room, round } = await thirty(t, () => false);
  assert.deepEqual(await round(), { pieces: 10, more: true });
  assert.equal(await room.usage(), 20 * size);
  assert.deepEqual(await round(), { pieces: 10, more: true });
  assert.deepEqual(await round(), { pieces: 5, more: false });
  assert.deepEqual(await round(), { pieces: 0, more: false });
  assert.deepEqual(await room.has(busybox, ...texts), texts.slice(25));
});

test("what is pinned is passed once, not in each round again", async (t) => {
  const first = new Set(texts.slice(0, 25).map(digest));
  const seen: string[] = [];
  const { room, round } = await thirty(t, (piece) => {
    seen.push(piece.digest);
    return first.has(piece.digest);
  });
  assert.deepEqual(await round(), { pieces: 0, more: true });
  assert.deepEqual(await round(), { pieces: 0, more: true });
  assert.deepEqual(await round(), { pieces: 5, more: true });
  for (let n = 0; n < 3; n++) assert.deepEqual(await round(), { pieces: 0, more: false });
  assert.equal(seen.length, 30);
  assert.equal(await room.usage(), 25 * size);
});
