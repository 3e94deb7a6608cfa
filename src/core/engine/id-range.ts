/** The ids of this machine that containers' ids 0, 1, … are, of users and of groups (`engine.userns_remap`). */
export interface IdRange {
  first: number;
  count: number;
}
