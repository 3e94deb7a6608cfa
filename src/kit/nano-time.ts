/** A time as docker and conmon write it: RFC 3339 with nine digits, UTC. @param time ns since 1970 */
export function timeText(time: bigint): string {
  const seconds = new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(time % 1_000_000_000n).padStart(9, "0")}Z`;
}
