/** Why a snapshot was put beside the blobs. */
export type SnapshotReason = "schedule" | "upgrade";

const pattern = /^metadata-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z(\.upgrade)?\.db\.gz$/;

/** The name of a snapshot of the metadata that is taken now; by name is by time. @param now ms since the epoch */
export function snapshotName(now: number, reason: SnapshotReason): string {
  const time = new Date(now).toISOString().replace(/[-:.]/g, "");
  return `metadata-${time}${reason === "upgrade" ? ".upgrade" : ""}.db.gz`;
}

/** When (ms) the snapshot of this name was taken; undefined: it is no such name. */
export function snapshotTime(name: string): number | undefined {
  const match = pattern.exec(name);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, ms] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(time) ? undefined : time;
}
