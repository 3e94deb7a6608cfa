import { lookUp, type OpenApi } from "./document.ts";

/** References that lead nowhere, and components that nobody refers to. */
export function refFaults(document: OpenApi): string[] {
  const refs = new Set(refsIn(document));
  const faults = [...refs]
    .filter((ref) => lookUp(document, ref) === undefined)
    .map((ref) => `${ref} leads nowhere`);
  for (const [kind, components] of Object.entries(document.components ?? {})) {
    for (const name of Object.keys(components)) {
      const ref = `#/components/${kind}/${name}`;
      if (!refs.has(ref)) faults.push(`${ref} is not used`);
    }
  }
  return faults;
}

function* refsIn(thing: unknown): Iterable<string> {
  if (typeof thing !== "object" || thing === null) return;
  for (const [key, value] of Object.entries(thing)) {
    if (key === "$ref" && typeof value === "string") yield value;
    else yield* refsIn(value);
  }
}
