/** What the program of a link is told, as JSON. */
export interface LinkJob {
  port: number;
  /** Port of 127.0.0.1 behind the link. */
  target: number;
  /** From there to here, over all connections. */
  bytesPerSecond: number;
  /** One way, ms. */
  delay: number;
}
