import type { OpenBlob } from "#core/blob-store.ts";
import { AppError } from "#core/errors.ts";
import type { SharedFetch } from "./fetches.ts";

/** Bytes read at a time from what has grown. */
const step = 1024 * 1024;
/** Processes that may end under one reader. */
const mostMoves = 3;

/**
 * A blob that is read while it comes. The last byte, of it or of a part, comes only when the digest was proved; when it is wrong,
 * or breaks off for good, reading throws.
 * @param again the fetch begun anew, where the process that had it is gone.
 * @param stored opens the blob in the store, where it is by now.
 */
export function openGrowing(
  fetch: SharedFetch,
  size: number,
  again: () => SharedFetch,
  stored: () => Promise<OpenBlob>,
): OpenBlob {
  async function* read(start: number, end: number): AsyncGenerator<Uint8Array, void, void> {
    let current = fetch;
    let position = start;
    for (let moves = 0; ;) {
      try {
        for await (const chunk of along(current, position, end)) {
          yield chunk;
          position += chunk.length;
        }
        return;
      } catch (error) {
        const gone = error instanceof AppError && error.code === "unavailable";
        if (!gone || ++moves > mostMoves) throw error;
        current = again();
      }
    }
  }

  /** Reads along one fetch; from the store when its file is there no more. */
  async function* along(
    from: SharedFetch,
    start: number,
    end: number,
  ): AsyncGenerator<Uint8Array, void, void> {
    await from.begun;
    const taken = await from.readers.take();
    if (taken === undefined) {
      await from.done;
      await using blob = await stored();
      yield* blob.read(start, end);
      return;
    }
    try {
      for (let position = start; position <= end;) {
        // The last byte, of a part too, comes when the whole was proved.
        await from.more(position < end ? position : size - 1);
        const proved = from.readable === size ? end : end - 1;
        const until = Math.min(proved, position + step - 1, from.readable - 1);
        yield* taken.reader.read(position, until);
        position = until + 1;
      }
    } finally {
      taken.giveBack();
    }
  }

  return {
    size,
    read,
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
