import { z } from "zod";
import { keyFacts, type KeyFacts } from "./fields.ts";
import { schema } from "./schema.ts";

/** One key that takes a value (a section takes none). */
export interface Key extends KeyFacts {
  path: readonly string[];
  /** `limits.manifest_size` */
  name: string;
  /** `BERTH_LIMITS_MANIFEST_SIZE` */
  variable: string;
}

/** A section: the names of its keys, each with what stands below it. */
export type Section = ReadonlyMap<string, Section | Key>;

/** All sections and keys, in the order of the schema. */
export const root: Section = sectionOf(schema, []);

/** All keys, in the order of the schema. */
export const keys: readonly Key[] = [...keysBelow(root)];

/** Tells a key from a section. */
export function isKey(node: Section | Key): node is Key {
  return !(node instanceof Map);
}

function sectionOf(object: z.ZodObject, path: readonly string[]): Section {
  const section = new Map<string, Section | Key>();
  for (const [name, field] of Object.entries<z.core.$ZodType>(object.shape)) {
    section.set(name, sectionOrKey(field, [...path, name]));
  }
  return section;
}

function sectionOrKey(field: z.core.$ZodType, path: readonly string[]): Section | Key {
  const inner = field instanceof z.ZodPrefault || field instanceof z.ZodOptional ? field.unwrap() : field;
  if (inner instanceof z.ZodObject) return sectionOf(inner, path);
  return {
    path,
    name: path.join("."),
    variable: `BERTH_${path.join("_").toUpperCase()}`,
    ...keyFacts.get(field),
  };
}

function* keysBelow(section: Section): Iterable<Key> {
  for (const node of section.values()) {
    if (isKey(node)) yield node;
    else yield* keysBelow(node);
  }
}
