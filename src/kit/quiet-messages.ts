/** What quiet-verifier.ts and its threads say to each other. */

export interface QuietQuestion {
  readonly id: number;
  readonly hash: string;
  readonly password: string;
}

export interface QuietAnswer {
  readonly id: number;
  /** Undefined: the hash could not be read. */
  readonly same: boolean | undefined;
}
