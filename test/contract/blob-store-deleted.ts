import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { BlobStore } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import { digestOf } from "#oci/digest.ts";
import { collect, rejects } from "./blob-store-checks.ts";

const size = 5 * 1024 * 1024 + 321;

/**
 * What readers of a deleted blob get.
 * @param goOn whether this store's open readers go on reading; else they are told that it is gone.
 */
export function blobStoreDeletedContract(
  name: string,
  open: () => Promise<{ store: BlobStore; close(): Promise<void> }>,
  goOn: boolean,
): void {
  test(`${name}: an open reader ${goOn ? "goes on reading what is deleted" : "is told of a deletion"}`, async () => {
    const { store, close } = await open();
    const bytes = randomBytes(size);
    const location = await store.put(digestOf("sha256", bytes), bytes);
    {
      await using blob = await store.open(location);
      const parts: Buffer[] = [];
      const reading = (async () => {
        for await (const chunk of blob.read(0, size - 1)) {
          if (parts.length === 0) await store.delete(location);
          parts.push(Buffer.from(chunk));
        }
      })();
      if (goOn) {
        await reading;
        assert.ok(Buffer.concat(parts).equals(bytes));
        assert.ok((await collect(blob.read(5, 10))).equals(bytes.subarray(5, 11)));
      } else {
        await reading.catch((error: unknown) => {
          assert.ok(error instanceof AppError && error.code === "blob-damaged");
        });
        const came = Buffer.concat(parts);
        assert.ok(came.equals(bytes.subarray(0, came.length)));
        await rejects(collect(blob.read(5, 10)), "blob-damaged");
      }
    }
    await close();
  });
}
