/** Milliseconds since the epoch. Injected so that tests of expiry need no waiting. */
export type Clock = () => number;
