import type { StoreKind } from "./config.ts";
import { keyFacts, oneOrMore } from "./fields.ts";
import * as values from "./values.ts";

/** `storage.stores`; empty where it isn't set. */
export const storesSchema = oneOrMore(values.word(["disk", "s3"]))
  .prefault([])
  .register(keyFacts, { list: true });

/** The stores in force: as named, else the bucket where there is one. @param s3 the section, undefined without */
export function storesOf(named: readonly StoreKind[], s3: unknown): StoreKind[] {
  if (named.length > 0) return [...named];
  return [s3 === undefined ? "disk" : "s3"];
}

/** What is wrong with them, if anything. */
export function storesFault(named: readonly StoreKind[], s3: unknown): string | undefined {
  if (new Set(named).size < named.length) return "names a store twice; write disk, s3, or both";
  if (named.includes("s3") && s3 === undefined) return "names s3, which needs the section storage.s3";
  return undefined;
}
