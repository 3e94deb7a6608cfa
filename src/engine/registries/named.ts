import type { RegistryCredentials } from "#core/engine/registries.ts";
import type { Digest } from "#oci/digest.ts";
import { qualified, repositoryOf, type ImageReference } from "#oci/image-reference.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { Tried } from "./docker-words.ts";

/** What a registry is asked for: the digest where there is one, else the tag. */
export function referenceIn({ tag, digest }: ImageReference): Tag | Digest {
  return digest ?? ((tag ?? "latest") as Tag);
}

/** A repository's name as its own registry knows it; parsed with the reference. */
export function pathIn({ path }: ImageReference): RepositoryName {
  return path as RepositoryName;
}

/** For messages. */
export function triedWith(
  does: Tried["does"],
  reference: ImageReference,
  url: string,
  credentials: RegistryCredentials | undefined,
): Tried {
  return {
    ...{ does, url, name: repositoryOf(reference), known: credentials !== undefined },
    qualified: qualified(
      reference.digest === undefined || reference.tag === undefined
        ? reference
        : { ...reference, tag: undefined },
    ),
  };
}
