/** Objects of any size written and read as one, for what isn't a blob of the store: backups. */
import type { Readable } from "node:stream";
import { AppError } from "#core/errors.ts";
import { createBufferPool } from "#kit/buffer-pool.ts";
import type { Bucket, StoredObject } from "./bucket.ts";
import { createPartSizes } from "./part-sizes.ts";
import { createPartWriter } from "./part-writer.ts";

const firstPart = 8 * 1024 * 1024;
const partsInFlight = 2;

export interface WholeObjects {
  /** Nothing under the key before all of `bytes` came; nothing stays when they break off. */
  put(what: string, key: string, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** Undefined: there is no such object. */
  get(what: string, key: string): Promise<Readable | undefined>;
}

export function createWholeObjects(bucket: Bucket): WholeObjects {
  const sizes = createPartSizes(firstPart, false);
  const pool = createBufferPool({ size: firstPart, maxIdle: partsInFlight + 1 });
  return {
    async put(what, key, bytes) {
      let uploadId: Promise<string> | undefined;
      const upload = () => (uploadId ??= bucket.beginParts(what, key));
      const writer = createPartWriter({
        sizes,
        inFlight: partsInFlight,
        pool,
        before: [],
        send: async (number, part) => bucket.putPart(what, key, await upload(), number, part),
      });
      try {
        for await (const chunk of bytes) {
          const full = writer.push(chunk);
          if (full !== undefined) await full;
          if (writer.failed) break;
        }
        const { parts, tail } = await writer.finish(true);
        if (uploadId === undefined) {
          await bucket.put(what, key, tail, "passing");
          return;
        }
        const id = await uploadId;
        const last = tail.length > 0 ? [await bucket.putPart(what, key, id, parts.length + 1, tail)] : [];
        const before = await bucket.head(what, key);
        if ((await bucket.complete(what, key, id, [...parts, ...last])) === "found")
          refuseSame(what, key, before, await bucket.head(what, key));
      } catch (error) {
        await writer.finish(true).catch(() => undefined);
        await uploadId?.then((id) => bucket.abort(what, key, id)).catch(() => undefined);
        throw error;
      }
    },

    get: (what, key) => bucket.get(what, key),
  };
}

/** What is there has the right size, but may be what was to be replaced: then it is as it was. */
function refuseSame(
  what: string,
  key: string,
  before: StoredObject | undefined,
  now: StoredObject | undefined,
): void {
  if (now !== undefined && (before?.etag !== now.etag || before.modified !== now.modified)) return;
  throw new AppError(
    "unavailable",
    `${what}: the object storage didn't say whether it made ${key}, and what is there is the older one. Try again.`,
  );
}
