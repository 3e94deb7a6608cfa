/** What a layer may grow to: a bomb ends here, not at the end of the disk. */
export interface UnpackLimits {
  /** Bytes of the uncompressed tar. */
  bytes: number;
  entries: number;
  /** Bytes that come out for one that goes in, once `ratioFrom` bytes are out. */
  ratio: number;
  ratioFrom: number;
  /** Bytes that stay free on the disk. */
  reserve: number;
}

export const standardLimits: UnpackLimits = {
  bytes: 128 * 1024 ** 3,
  entries: 4_000_000,
  ratio: 250,
  ratioFrom: 1024 ** 3,
  reserve: 256 * 1024 ** 2,
};
