import { z } from "zod";
import { formatDuration } from "./duration.ts";
import { formatSize } from "./size.ts";
import * as values from "./values.ts";

/** What else is known of a key, beside how its value is read. */
export interface KeyFacts {
  /** May be written as a list; as text of a variable or flag: `[a, b]` in YAML, or `a,b`. */
  list?: true;
  /** Keys of a list's items, for suggestions. */
  items?: readonly string[];
  /** Never printed. */
  secret?: true;
  /** The value as the file spells it. */
  show?: (value: never) => unknown;
}

/** Facts of the keys that have some. */
export const keyFacts = z.registry<KeyFacts>();

/** A size with its bounds and default, spelled as in the file. */
export const bytes = (least: string, most: string, standard: string) =>
  values.size(least, most).prefault(standard).register(keyFacts, { show: formatSize });

/** A duration with its default. */
export const time = (standard: string, least = "10ms", mostMs?: number) =>
  values.duration(least, mostMs).prefault(standard).register(keyFacts, { show: formatDuration });

/** A section that may be left out: its keys then have their defaults. */
export const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape).prefault({} as never);

/** A list that may be written as its one item. */
export const oneOrMore = <Item extends z.core.SomeType>(item: Item) =>
  z.preprocess((value): unknown => (Array.isArray(value) ? value : [value]), z.array(item));
