/**
 * Token signing keys of all servers on one metadata store, encrypted: what lies here is of no use without
 * `auth.secret_file`. Passes test/contract/metadata/sealed-keys.ts.
 */
export interface SealedKeys {
  /** Oldest first. */
  list(): Promise<SealedKey[]>;
  /** Adds a key unless another server was quicker: false when the newest isn't `after` (undefined: no key) any more. */
  add(key: SealedKey, after: string | undefined): Promise<boolean>;
  /** Unknown ones are fine. */
  remove(kids: readonly string[]): Promise<void>;
}

export interface SealedKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly sealed: Uint8Array;
}
