import type { ManifestReference } from "./repositories.ts";

/** A thing that a manifest names, once, with whether the repository has it. */
export interface NamedReference {
  digest: string;
  kind: "blob" | "manifest";
  present: boolean;
}

export interface CheckedReferences {
  /** Required, and not in the repository, or there with damaged bytes: those must be pushed again. */
  missing: ManifestReference[];
  /** There, but of another size than the descriptor says. */
  wrongSize: (ManifestReference & { stored: number })[];
  named: NamedReference[];
}

/**
 * Compares what a manifest names with what its repository has. Each thing is looked up and complained of once.
 * @param sizeOf bytes of what the repository has by this digest; undefined when it has none.
 */
export function checkReferences(
  references: readonly ManifestReference[],
  sizeOf: (reference: ManifestReference) => number | "damaged" | undefined,
): CheckedReferences {
  const result: CheckedReferences = { missing: [], wrongSize: [], named: [] };
  const stored = new Map<string, number | "damaged" | undefined>();
  const complained = new Set<string>();
  for (const reference of references) {
    const { digest, kind } = reference;
    const key = `${kind} ${digest}`;
    if (!stored.has(key)) {
      const found = sizeOf(reference);
      stored.set(key, found);
      result.named.push({ digest, kind, present: found !== undefined });
    }
    const size = stored.get(key);
    const lacking = size === undefined || size === "damaged";
    const wrong = lacking ? reference.required : size !== reference.size;
    if (!wrong) continue;
    const complaint = `${key} ${reference.size}`;
    if (complained.has(complaint)) continue;
    complained.add(complaint);
    if (lacking) result.missing.push(reference);
    else result.wrongSize.push({ ...reference, stored: size });
  }
  return result;
}
