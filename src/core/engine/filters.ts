/** Filters of a listing: key → values, as both forms of the wire say them. Values of a key are alternatives but for `label`. */
export type Filters = ReadonlyMap<string, readonly string[]>;
