import type { AuditActor } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { manifestUnknown } from "./faults.ts";
import type { Manifests } from "./manifests.ts";

/**
 * Puts what `from` names in a hosted repository under `tag` as well, by the rules of a push of it. Throws what such a
 * push throws, and manifest-unknown.
 */
export type Retag = (
  caller: Caller,
  repository: RepositoryName,
  tag: Tag,
  from: Digest | Tag,
  by: AuditActor,
) => Promise<Digest>;

export function createRetag(
  repositories: Pick<Repositories, "manifest">,
  manifests: Pick<Manifests, "put">,
): Retag {
  return async (caller, repository, tag, from, by) => {
    const manifest = await repositories.manifest(repository, from);
    if (manifest === undefined) throw manifestUnknown(repository, from);
    const { digest } = await manifests.put({
      caller,
      by,
      repository,
      // By digest, whatever its algorithm; the tag goes with it.
      reference: manifest.digest,
      tags: [tag],
      bytes: manifest.bytes,
      contentType: manifest.mediaType,
      expect: undefined,
    });
    return digest;
  };
}
