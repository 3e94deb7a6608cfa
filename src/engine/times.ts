/** Now as docker writes times: RFC 3339 with nine digits, UTC. @param now ns since 1970. */
export function timeText(now: bigint): string {
  const seconds = now / 1_000_000_000n;
  const rest = (now % 1_000_000_000n).toString().padStart(9, "0");
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${rest}Z`;
}

/** ms since 1970 of such a text; 0 for docker's "never" and for what is none. */
export function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) || time < 0 ? 0 : time;
}
