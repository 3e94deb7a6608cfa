const headLength = 9;
const smallest = 4096;

/** One frame to or from the switchboard's process; see switchboard-program.ts. */
export function frame(kind: number, channel: number, payload: Uint8Array): Uint8Array[] {
  const head = Buffer.allocUnsafe(headLength);
  head.writeUInt8(kind, 0);
  head.writeUInt32BE(channel, 1);
  head.writeUInt32BE(payload.length, 5);
  // Together as far as that costs less than two writes.
  return payload.length <= smallest ? [Buffer.concat([head, payload])] : [head, payload];
}

/** Cuts what comes into frames. Payloads lie in the chunks that came, uncopied where they came in one. */
export function createFrameReader(
  take: (kind: number, channel: number, payload: Buffer) => void,
): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let pieces: Buffer[] = [];
  let have = 0;
  /** Bytes until the frame that was begun is whole. */
  let needed = headLength;
  return (chunk) => {
    pieces.push(chunk);
    have += chunk.length;
    if (have < needed) return;
    rest = pieces.length === 1 ? chunk : Buffer.concat(pieces);
    let at = 0;
    for (;;) {
      if (rest.length - at < headLength) {
        needed = headLength;
        break;
      }
      const length = rest.readUInt32BE(at + 5);
      needed = headLength + length;
      if (rest.length - at < needed) break;
      take(rest.readUInt8(at), rest.readUInt32BE(at + 1), rest.subarray(at + headLength, at + needed));
      at += needed;
    }
    rest = rest.subarray(at);
    pieces = rest.length === 0 ? [] : [rest];
    have = rest.length;
  };
}
