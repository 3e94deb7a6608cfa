import type { ProgressLine } from "#core/engine/progress.ts";
import { AppError } from "#core/errors.ts";

/** Where work that goes on by itself says how far it is. */
export interface Lines {
  add(line: ProgressLine): void;
  /** Replaces an earlier line of this key that nobody has taken yet: so a slow reader costs no memory. */
  update(key: string, line: ProgressLine): void;
}

/**
 * The lines that `work` says, until it ends. A failure before the first line is thrown; a later one that has words for
 * the client is its last line. Who stops reading ends `work` by its signal.
 */
export async function* linesOf(
  work: (lines: Lines, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): AsyncGenerator<ProgressLine, void, undefined> {
  const waiting: { key: string | undefined; line: ProgressLine }[] = [];
  const updates = new Map<string, { key: string | undefined; line: ProgressLine }>();
  let wake: (() => void) | undefined;
  let over = false;
  let failure: { error: unknown } | undefined;
  const stir = () => {
    wake?.();
    wake = undefined;
  };
  const lines: Lines = {
    add(line) {
      waiting.push({ key: undefined, line });
      stir();
    },
    update(key, line) {
      const there = updates.get(key);
      if (there !== undefined) there.line = line;
      else {
        const entry = { key, line };
        updates.set(key, entry);
        waiting.push(entry);
        stir();
      }
    },
  };
  const left = new AbortController();
  const working = work(lines, signal ? AbortSignal.any([signal, left.signal]) : left.signal)
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => {
      over = true;
      stir();
    });
  let begun = false;
  try {
    for (;;) {
      const entry = waiting.shift();
      if (entry !== undefined) {
        if (entry.key !== undefined) updates.delete(entry.key);
        begun = true;
        yield entry.line;
      } else if (over) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    if (failure === undefined) return;
    const { error } = failure;
    if (!begun || !(error instanceof AppError)) throw error;
    yield { error: error.message, errorDetail: { message: error.message } };
  } finally {
    left.abort();
    await working;
  }
}

/** Twelve characters of a digest, as lines name layers. */
export function shortId(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1, digest.indexOf(":") + 13);
}
