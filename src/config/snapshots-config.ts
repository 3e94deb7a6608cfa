/** Snapshots of the metadata beside the blobs: the `snapshots` section. Only of SQLite. */
export interface SnapshotsConfig {
  /** ms between two; 0: none by schedule. */
  every: number;
  /** How many of the newest stay. */
  keep: number;
  /** One before a newer Berth changes the database. */
  before_upgrade: boolean;
}
