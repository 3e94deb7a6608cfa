import { createAlignedBuffers } from "#kit/aligned-buffers.ts";

/** Bytes of one write of a large upload. */
export const pieceBytes = 256 * 1024;
/** 12 MiB in each process, for about 24 uploads at once; touched only when they are needed. */
const alignedPieces = 48;
/** What an upload beyond those gathers: smaller, so that hundreds of slow ones cost little. */
const spareBytes = 64 * 1024;

/** The memory that uploads gather their bytes in. */
export interface Pieces {
  take(): Buffer;
  give(piece: Buffer): void;
  /** Whether the piece can be written past the page cache. */
  aligned(piece: Buffer): boolean;
}

export function createPieces(): Pieces {
  const aligned = createAlignedBuffers({ size: pieceBytes, count: alignedPieces });
  return {
    take: () => aligned.take() ?? Buffer.allocUnsafeSlow(spareBytes),
    give: (piece) => {
      aligned.give(piece);
    },
    aligned: (piece) => aligned.owns(piece),
  };
}
