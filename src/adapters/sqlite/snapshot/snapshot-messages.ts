/** What snapshot.ts gives its thread; it is answered with an Outcome. */
export interface SnapshotTask {
  /** The database. */
  readonly path: string;
  /** An empty file. */
  readonly draft: string;
}
