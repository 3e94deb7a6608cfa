import type { Access } from "#core/access.ts";
import type { Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { PutManifest, Repositories } from "#core/metadata/repositories.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";

/** A tag that may be set, with what it must be now for that to hold, and the rules that allow it. */
export type TagDecision = PutManifest["tags"][number];

/**
 * Decides about one tag of a push: making it takes `push`, moving it `overwrite`, and an immutable one
 * never moves. The facts it rested on go into the transaction. Throws denied.
 */
export async function decideTag(
  access: Access,
  repositories: Repositories,
  caller: Caller,
  repository: RepositoryName,
  name: Tag,
  digest: Digest,
): Promise<TagDecision> {
  const create = access.decide(caller, repository, "push");
  const move = access.decide(caller, repository, "overwrite");
  const pattern = access.immutable(repository, name);
  const rules = { create: create.rule, move: move.rule };
  if (create.allowed && move.allowed && pattern === undefined) return { name, was: "any", rules };
  const now = await repositories.manifestFacts(repository, name);
  if (now === undefined) {
    if (create.allowed) return { name, was: "absent", rules };
    throw denied(name, `${caller.name} may not make new tags in ${repository}`);
  }
  // Nothing moves when a push is repeated.
  if (now.digest === digest) return { name, was: digest, rules };
  if (pattern !== undefined) throw immutableTag(repository, name, pattern);
  if (!move.allowed)
    throw denied(name, `tag ${name} of ${repository} is there already, and ${caller.name} may not move it`);
  return { name, was: now.digest, rules };
}

/** Throws denied when the tag may not be removed by anybody. */
export function refuseImmutable(access: Access, repository: RepositoryName, tag: Tag): void {
  const pattern = access.immutable(repository, tag);
  if (pattern !== undefined)
    throw denied(
      tag,
      `tag ${tag} of ${repository} is immutable (${pattern}): nobody removes it, nor what it names`,
    );
}

/** The refusal where a tag can't be moved by anybody. */
export function immutableTag(repository: RepositoryName, tag: Tag, pattern: string): AppError {
  return denied(tag, `tag ${tag} of ${repository} is immutable (${pattern}): push under another tag`);
}

function denied(tag: Tag, message: string): AppError {
  return new AppError("denied", message, { subject: tag, detail: { tag } });
}
