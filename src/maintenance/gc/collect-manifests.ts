import type { Garbage } from "#core/metadata/garbage.ts";
import { manifestRule, type ChosenManifest } from "./gc-rules.ts";
import type { Round } from "./round.ts";

/** Removes the manifests that nothing holds and that the rules let go. What they held is loose from then on. */
export async function collectManifests(
  garbage: Pick<Garbage, "looseManifests" | "dropManifests">,
  { rules, past, pushing, clock, dry, pace, tally }: Round,
): Promise<void> {
  const rule = manifestRule(rules, past);
  let after: number | undefined;
  do {
    const { manifests, next } = await garbage.looseManifests(pace.rows(), after);
    const free = manifests.filter(({ repository, looseSince }) => !pushing(repository, looseSince));
    const chosen = free.map(rule).filter((one) => one !== undefined);
    for (const { before, reason, manifests } of alike(chosen)) {
      const dropped = dry
        ? { manifests: manifests.length, bytes: manifests.reduce((sum, { size }) => sum + size, 0) }
        : await garbage.dropManifests(manifests, before, clock());
      tally.add(reason, dropped.manifests, dropped.bytes);
    }
    for (const { reason, manifest } of chosen) tally.show(reason, manifest.repository, manifest.digest);
    after = next;
    await pace.breathe();
  } while (after !== undefined);
}

/** Those of one reason and time together: one change each. */
function alike(chosen: readonly ChosenManifest[]) {
  const groups = new Map<
    string,
    Omit<ChosenManifest, "manifest"> & { manifests: ChosenManifest["manifest"][] }
  >();
  for (const { manifest, reason, before } of chosen) {
    const key = `${reason} ${before}`;
    const group = groups.get(key) ?? { reason, before, manifests: [] };
    group.manifests.push(manifest);
    groups.set(key, group);
  }
  return groups.values();
}
