import type { Repositories } from "#core/metadata/repositories.ts";
import type { Source } from "#core/source.ts";
import { parseDigest } from "#oci/digest.ts";
import { manifestUnknown } from "./faults.ts";
import type { Touch } from "./touch.ts";

/** The manifests that repositories hold, for reading. */
export function createStoredManifests(
  repositories: Pick<Repositories, "manifest" | "manifestFacts">,
  touch: Touch,
): Source["manifests"] {
  return {
    async get(repository, reference) {
      const manifest = await repositories.manifest(repository, reference);
      if (manifest === undefined) throw manifestUnknown(repository, reference);
      return manifest;
    },

    async stat(repository, reference) {
      const facts = await repositories.manifestFacts(repository, reference);
      if (facts === undefined) throw manifestUnknown(repository, reference);
      // What a tag names is held by it.
      const digest = parseDigest(reference);
      if (digest !== undefined && !(await touch(repository, "manifest", digest)))
        throw manifestUnknown(repository, reference);
      return facts;
    },
  };
}
