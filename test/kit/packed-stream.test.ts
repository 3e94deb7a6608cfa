import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import { gzipped, PackedFault, unpacked } from "#kit/packed-stream.ts";

const plain = Buffer.concat([randomBytes(2_000_000), Buffer.alloc(5_000_000, "a")]);

/** One buffer, filled again for each piece. */
async function* pieces(bytes: Buffer, size = 65_536): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(buffer, 0, at, at + size);
    yield await Promise.resolve(buffer.subarray(0, length));
    buffer.fill(0xee);
  }
}

async function gathered(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

test("bytes come back, packed or not, from buffers that are used again", async () => {
  assert.ok(gunzipSync(await gathered(gzipped(pieces(plain)))).equals(plain));
  for (const packed of [
    gzipSync(plain),
    zstdCompressSync(plain),
    plain,
    Buffer.from("ab"),
    Buffer.alloc(0),
  ]) {
    const expected = packed.length > 2 ? plain : packed;
    assert.ok((await gathered(unpacked(pieces(packed)))).equals(expected));
  }
});

test("broken packing is a fault; what the source throws comes through", async () => {
  await assert.rejects(gathered(unpacked(pieces(gzipSync(plain).subarray(0, 1000)))), PackedFault);
  await assert.rejects(gathered(unpacked(pieces(zstdCompressSync(plain).subarray(0, 1000)))), PackedFault);
  async function* failing() {
    yield* pieces(gzipSync(plain).subarray(0, 1000));
    throw new Error("the disk is gone");
  }
  await assert.rejects(gathered(unpacked(failing())), { message: "the disk is gone" });
  await assert.rejects(gathered(gzipped(failing())), { message: "the disk is gone" });
});

test("who leaves early lets the source go", { timeout: 10_000 }, async () => {
  for (const packing of [gzipped, unpacked]) {
    let left = false;
    async function* endless() {
      try {
        for (;;) yield* pieces(packing === gzipped ? plain : gzipSync(plain));
      } finally {
        left = true;
      }
    }
    for await (const chunk of packing(endless())) if (chunk.length > 0) break;
    assert.ok(left);
  }
});
