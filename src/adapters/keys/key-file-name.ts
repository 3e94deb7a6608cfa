const pattern = /^(\d{13})-([\w-]{43})\.pem$/;

/** Sorts by time of making. @param createdAt ms since the epoch. */
export function keyFileName(createdAt: number, kid: string): string {
  return `${String(createdAt).padStart(13, "0")}-${kid}.pem`;
}

/** Undefined for files that are no keys of ours. */
export function parseKeyFileName(name: string): { createdAt: number; kid: string } | undefined {
  const [, time, kid] = pattern.exec(name) ?? [];
  return time === undefined || kid === undefined ? undefined : { createdAt: Number(time), kid };
}
