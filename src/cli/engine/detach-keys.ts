import { UsageError } from "../usage-error.ts";

export const usualDetachKeys = "ctrl-p,ctrl-q";

export interface DetachFilter {
  /** What the container gets of these keys; undefined: the whole sequence came, leave. */
  pass(chunk: Uint8Array): Uint8Array | undefined;
}

/** @param keys `ctrl-p,ctrl-q`, `ctrl-x,x`, … ; "" never detaches. */
export function createDetachFilter(keys: string): DetachFilter {
  const sequence = keys === "" ? [] : keys.split(",").map(byteOf);
  let matched = 0;
  return {
    pass(chunk) {
      if (sequence.length === 0) return chunk;
      const out: number[] = [];
      for (const byte of chunk) {
        if (byte === sequence[matched]) {
          matched++;
          if (matched === sequence.length) return undefined;
          continue;
        }
        // What looked like its beginning belongs to the container after all.
        out.push(...sequence.slice(0, matched));
        matched = byte === sequence[0] ? 1 : 0;
        if (matched === 0) out.push(byte);
      }
      return Uint8Array.from(out);
    },
  };
}

function byteOf(key: string): number {
  const [, control] = /^ctrl-([a-z@[\\\]^_])$/i.exec(key) ?? [];
  if (control !== undefined) return control.toUpperCase().charCodeAt(0) - 64;
  if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
  throw new UsageError(`"${key}" is not a key to detach with; write such as ctrl-p,ctrl-q`);
}
