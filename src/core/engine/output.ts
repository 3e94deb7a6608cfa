/** Bytes that a process wrote. With a terminal everything is stdout. */
export interface OutputChunk {
  stream: "stdout" | "stderr";
  data: Uint8Array;
}

/** One line of a container's log (or the part of one that came first). */
export interface LogLine extends OutputChunk {
  /** RFC 3339 with nine digits, UTC. */
  time: string;
}

export interface LogQuery {
  stdout: boolean;
  stderr: boolean;
  follow: boolean;
  /** Lines of both streams together; undefined: all. */
  tail: number | undefined;
  /** ns since 1970, inclusive; undefined: no bound. */
  since: bigint | undefined;
  until: bigint | undefined;
}

/** Somebody's connection to a process' streams. */
export interface Attachment {
  /**
   * What the process writes from now on, until its streams have ended (all of its output has been handed out) or this
   * attachment is closed. One reader. A reader that is slow beyond a bound is cut off rather than hold up the process.
   */
  output: AsyncIterable<OutputChunk>;
  /** Resolves when it can take more. Nothing happens where stdin isn't open. */
  write(data: Uint8Array): Promise<void>;
  /** Ends the process' stdin. */
  endInput(): void;
  /** Leaves; the process goes on. */
  close(): void;
}
