import type { Access } from "#core/access.ts";
import type { AuditActor } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { Clock } from "#core/clock.ts";
import type { Live } from "#core/live.ts";
import type { ManifestReference, PutOutcome, Repositories } from "#core/metadata/repositories.ts";
import type { QuotaFact } from "#core/metadata/usage.ts";
import { parseDigest, type Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { manifestUnknown, namedAtMost, wrongSize } from "./faults.ts";
import { readManifest, referencesOf, type ManifestContent, type MissingReferences } from "./read-manifest.ts";
import { decideTag, refuseImmutable } from "./tag-decisions.ts";
import type { QuotaGate } from "./quota-gate.ts";

export interface ManifestPush {
  caller: Caller;
  /** Whom the audit log names for it; undefined: it is off. */
  by: AuditActor | undefined;
  repository: RepositoryName;
  /** What the URL named: the digest that the bytes must have, or a tag. */
  reference: Digest | Tag;
  /** More tags to move (`?tag=`). */
  tags: Tag[];
  bytes: Uint8Array;
  /** Content-Type without parameters; undefined when the client sent none. */
  contentType: string | undefined;
  /** If-Match / If-None-Match: what the tag in the URL must be for the push to happen. */
  expect: "absent" | "present" | Digest | undefined;
}

export interface PushedManifest {
  digest: Digest;
  subject: Digest | undefined;
  tags: Tag[];
}

/** Changes of manifests; stored-manifests reads them. */
export interface Manifests {
  /** Throws manifest-invalid, digest-mismatch, reference-missing, size-mismatch, precondition-failed, denied. */
  put(push: ManifestPush): Promise<PushedManifest>;
  /** A digest: the manifest and every tag to it. A tag: the tag only. Throws manifest-unknown, denied. */
  remove(repository: RepositoryName, reference: Digest | Tag, by: AuditActor | undefined): Promise<void>;
}

export interface ManifestsParts {
  repositories: Repositories;
  missingReferences: Live<(repository: RepositoryName) => MissingReferences>;
  access: Access;
  clock: Clock;
  /** Undefined: there are no quotas. */
  quotas?: QuotaGate;
}

/** Decisions about tags that move at the same time are made again so often. */
const attempts = 6;

export function createManifests({
  repositories,
  missingReferences,
  access,
  clock,
  quotas,
}: ManifestsParts): Manifests {
  /** Decides about each tag and puts, again when a tag changed in between. */
  async function decideAndPut(
    { caller, by, repository, reference, expect }: ManifestPush,
    { parsed, ...content }: ManifestContent,
    tags: Tag[],
    facts: readonly QuotaFact[] | undefined,
  ): Promise<PutOutcome> {
    for (let attempt = 1; ; attempt++) {
      const decisions = await Promise.all(
        tags.map((tag) => decideTag(access, repositories, caller, repository, tag, content.digest)),
      );
      const outcome = await repositories.putManifest({
        ...content,
        repository,
        references: referencesOf(parsed, missingReferences.current(repository)),
        tags: decisions,
        expect: expect === undefined ? undefined : { reference, is: expect },
        by,
        quotas: facts,
        now: clock(),
      });
      const firm = decisions.every(({ was }) => was === "any");
      if (outcome.outcome !== "changed" || firm || attempt === attempts) return outcome;
    }
  }

  return {
    async put(push) {
      const { repository, reference, bytes } = push;
      const named = parseDigest(reference);
      const content = readManifest(bytes, push.contentType, named, reference);
      const { digest, subject } = content;
      const tags = [...new Set(named === undefined ? [reference as Tag, ...push.tags] : push.tags)];
      const quota = quotas?.of(push.caller, repository);
      const outcome = await decideAndPut(push, content, tags, quota?.facts);
      switch (outcome.outcome) {
        case "stored":
          return { digest, subject, tags };
        case "missing":
          throw missing(repository, outcome.references);
        case "wrong-size":
          throw wrongSize(repository, outcome.references);
        case "over-quota":
          await quota?.refuse(
            outcome.over,
            content.parsed.blobs.map((blob) => blob.digest),
          );
          throw new Error("a push without quotas went over one");
        case "changed":
          if (push.expect === undefined) throw changing(repository, outcome.reference);
          throw new AppError(
            "precondition-failed",
            `${reference} of ${repository} is not what If-Match or If-None-Match expects`,
            { subject: reference },
          );
      }
    },

    async remove(repository, reference, by) {
      const digest = parseDigest(reference);
      if (digest === undefined) {
        refuseImmutable(access, repository, reference as Tag);
        const outcome = await repositories.deleteTag(repository, reference as Tag, {}, clock(), by);
        if (outcome !== "deleted") throw manifestUnknown(repository, reference);
        return;
      }
      for (let attempt = 1; attempt <= attempts; attempt++) {
        // With the manifest go its tags: none of them may be one that nobody removes, now or in between.
        const tags = access.hasImmutable(repository)
          ? await repositories.tagsOf(repository, digest)
          : undefined;
        for (const tag of tags ?? []) refuseImmutable(access, repository, tag);
        const facts = { tagsOfDigest: tags };
        const outcome = await repositories.deleteManifest(repository, digest, facts, clock(), by);
        if (outcome === "deleted") return;
        if (outcome === "unknown") throw manifestUnknown(repository, reference);
      }
      throw changing(repository, reference);
    },
  };
}

function changing(repository: RepositoryName, reference: string): AppError {
  return new AppError("busy", `${reference} of ${repository} is being changed by others: try again`, {
    subject: reference,
    retryAfter: 1,
  });
}

function missing(repository: RepositoryName, references: ManifestReference[]): AppError {
  const digests = references.slice(0, namedAtMost).map(({ digest }) => digest);
  const others = references.length - 1;
  return new AppError(
    "reference-missing",
    `repository ${repository} lacks what the manifest names: ${digests[0]}` +
      `${others > 0 ? ` and ${others} more` : ""}: push it first`,
    { subject: digests[0] ?? repository, detail: { digests, missing: references.length } },
  );
}
