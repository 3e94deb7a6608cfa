import type { Attachment, OutputChunk } from "#core/engine/output.ts";

/**
 * One process' streams for all who are attached to them. Each has a bounded buffer; while one is full, the process is
 * held up (as a pipe does it), and who takes nothing of it for `patience` ms is cut off.
 */
export interface FanOut {
  /** The connection there is while somebody is attached. */
  take(chunk: OutputChunk): void;
  attach(): Attachment;
  /** How many are attached. */
  size(): number;
  /** A reader's buffer is: the process waits. */
  full(): boolean;
  /** The process is gone: nobody waits for readers any more. What still comes is little, and whom it is too much is cut off. */
  letGo(): void;
  /** Readers end when they have taken what there is; others may come. */
  drop(): void;
  /** Nothing comes any more: readers end when they have taken what there is. */
  end(): void;
}

export interface FanOutSource {
  send(data: Uint8Array): Promise<void>;
  endInput(): void;
  hold(on: boolean): void;
  /** Somebody left; perhaps nobody is there any more. */
  left(): void;
}

/** Bytes of one reader's buffer from which on the process waits. */
const most = 1024 * 1024;
/** The same from which on it is cut off where nobody waits. */
const mostAfterwards = 4 * most;

interface Reader {
  chunks: OutputChunk[];
  bytes: number;
  /** No more comes. */
  over: boolean;
  wake: (() => void) | undefined;
  /** Runs while it is full and takes nothing. */
  late: NodeJS.Timeout | undefined;
}

export function createFanOut(source: FanOutSource, patience: number): FanOut {
  const readers = new Set<Reader>();
  let held = false;
  let free = false;
  let ended = false;

  function balance(): void {
    const full = !free && [...readers].some(({ bytes }) => bytes >= most);
    if (full === held) return;
    // Half empty again before it goes on, so that not every chunk switches.
    if (!full && !free && [...readers].some(({ bytes }) => bytes > most / 2)) return;
    held = full;
    source.hold(held);
  }

  function leave(reader: Reader): void {
    clearTimeout(reader.late);
    reader.over = true;
    reader.wake?.();
    if (!readers.delete(reader)) return;
    balance();
    source.left();
  }

  function cutOff(reader: Reader): void {
    reader.chunks = [];
    reader.bytes = 0;
    leave(reader);
  }

  function watch(reader: Reader): void {
    clearTimeout(reader.late);
    reader.late =
      reader.bytes < most || reader.over ? undefined : setTimeout(() => cutOff(reader), patience).unref();
  }

  async function* read(reader: Reader): AsyncGenerator<OutputChunk> {
    try {
      for (;;) {
        const chunk = reader.chunks.shift();
        if (chunk !== undefined) {
          reader.bytes -= chunk.data.length;
          watch(reader);
          balance();
          yield chunk;
        } else if (reader.over) return;
        else
          await new Promise<void>((resolve) => {
            reader.wake = resolve;
          });
      }
    } finally {
      cutOff(reader);
    }
  }

  return {
    take(chunk) {
      for (const reader of readers) {
        reader.chunks.push(chunk);
        reader.bytes += chunk.data.length;
        if (reader.bytes >= most && reader.late === undefined) watch(reader);
        reader.wake?.();
        if (free && reader.bytes > mostAfterwards) cutOff(reader);
      }
      balance();
    },

    attach() {
      const reader: Reader = { chunks: [], bytes: 0, over: ended, wake: undefined, late: undefined };
      if (!ended) readers.add(reader);
      return {
        output: read(reader),
        write: (data) => (reader.over ? Promise.resolve() : source.send(data)),
        endInput: () => {
          if (!reader.over) source.endInput();
        },
        close: () => cutOff(reader),
      };
    },

    size: () => readers.size,
    full: () => held,
    letGo() {
      free = true;
      balance();
    },

    drop,
    end() {
      ended = true;
      drop();
    },
  };

  function drop(): void {
    for (const reader of readers) {
      clearTimeout(reader.late);
      reader.over = true;
      reader.wake?.();
    }
    readers.clear();
    balance();
  }
}
