/** Who asks. Every service call that can be refused carries one. */
export interface Caller {
  /** Stable identity, or undefined for an anonymous caller. An upload belongs to the identity that began it. */
  readonly id: string | undefined;
}

export const anonymous: Caller = Object.freeze({ id: undefined });
