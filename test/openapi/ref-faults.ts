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
    // Security schemes are referred to by their names.
    else if (key === "security" && Array.isArray(value)) yield* value.flatMap(schemesIn);
    else yield* refsIn(value);
  }
}

function schemesIn(requirement: object): string[] {
  return Object.keys(requirement).map((name) => `#/components/securitySchemes/${name}`);
}
