import { isEngineName } from "#core/engine-name.ts";
import type { LooseManifest } from "#core/metadata/garbage.ts";
import { compileGlob } from "#kit/glob.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { Past } from "./lived-time.ts";

/** What garbage collection goes by; the section `gc` of the configuration is one. */
export interface GcRules {
  /** How long (ms) a thing stays when nothing names it any more. */
  grace: number;
  /** The first whose globs match holds. `after` (ms) undefined: what no tag and no index names is kept. */
  untagged: readonly { repositories: readonly string[]; after: number | undefined }[];
  referrers: "with-subject" | "keep";
  /** Percent of the time that a run works. */
  pace: number;
}

/** A manifest that may go. */
export interface ChosenManifest {
  manifest: LooseManifest;
  reason: "untagged" | "referrer";
  /** It goes when it is loose since before then (ms), and still so. */
  before: number;
}

/** Which loose manifests go by the rules. What an engine holds is never untagged: its list of images is its own. */
export function manifestRule(
  { grace, untagged, referrers }: GcRules,
  past: Past,
): (manifest: LooseManifest) => ChosenManifest | undefined {
  const rules = untagged.map(({ repositories, after }) => ({ globs: repositories.map(compileGlob), after }));

  function untaggedFor(repository: RepositoryName): number | undefined {
    if (isEngineName(repository)) return undefined;
    return rules.find(({ globs }) => globs.some((matches) => matches(repository)))?.after;
  }

  return (manifest) => {
    const { repository, subject, looseSince } = manifest;
    const reason = subject === undefined ? "untagged" : "referrer";
    const after = reason === "untagged" ? untaggedFor(repository) : referrers === "keep" ? undefined : grace;
    if (after === undefined) return undefined;
    const before = past(Math.max(after, grace));
    return looseSince < before ? { manifest, reason, before } : undefined;
  };
}
