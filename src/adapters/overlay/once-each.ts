import type { Readable } from "node:stream";
import type { LayerRecord, Snapshots } from "#core/engine/snapshots.ts";
import type { Digest } from "#oci/digest.ts";

type Unpack = Snapshots["unpack"];

/**
 * The same layer at the same time is unpacked once. Who waited for another's takes its own turn when that failed: its
 * bytes or its patience may be better.
 */
export function onceEach(unpack: Unpack): Unpack {
  const running = new Map<Digest, Promise<LayerRecord>>();
  return async (diffId, below, body, compression, signal) => {
    if (diffId === undefined) return unpack(diffId, below, body, compression, signal);
    for (let other = running.get(diffId); other !== undefined; other = running.get(diffId)) {
      const record = await other.catch(() => undefined);
      signal?.throwIfAborted();
      if (record === undefined) continue;
      (body as Partial<Readable>).destroy?.();
      return record;
    }
    const mine = unpack(diffId, below, body, compression, signal).finally(() => running.delete(diffId));
    running.set(diffId, mine);
    return mine;
  };
}
