/** A named or anonymous volume: a folder that outlives containers. */
export interface VolumeRecord {
  name: string;
  driver: "local";
  created: string;
  labels: Record<string, string>;
  options: Record<string, string>;
  /** No name was asked for: pruned without `--all`. */
  anonymous: boolean;
}
