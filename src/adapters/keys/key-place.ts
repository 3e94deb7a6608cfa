import type { EcKeyPair } from "#kit/keys.ts";

export interface StoredKey {
  /** ms since the epoch, by the clock of who made it; 0 where nobody knows. */
  readonly createdAt: number;
  readonly pair: EcKeyPair;
  /** Shall be followed by a new key, however young it is. */
  readonly outdated?: true;
}

/** Where signing keys lie. */
export interface KeyPlace {
  /** How a message calls it: a folder, the database. */
  readonly name: string;
  /** In the order of their making; the last is the one to sign with. Throws in words when one can't be used. */
  read(): Promise<StoredKey[]>;
}

/** One that Berth keeps itself. Both throw storage-failed in words. */
export interface KeptKeyPlace extends KeyPlace {
  /** Makes a key, unless another process was quicker. @param now ms. @param after the newest that is known. */
  add(now: number, after: StoredKey | undefined): Promise<void>;
  remove(keys: readonly StoredKey[]): Promise<void>;
}
