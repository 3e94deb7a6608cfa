import type { AuditActor } from "../audit.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import type { TagFact } from "./repositories.ts";
import type { OverQuota, QuotaFact } from "./usage.ts";

/**
 * Tags as retention and the web page see them, and those that were removed and may come back: `Repositories.deleteTag`
 * puts a tag here, with its manifest held, until `forget`. Implementations pass test/contract/metadata/tag-room.ts.
 */
export interface TagRoom {
  /** Tags by name, after `last`, with what rules are about. Attached signatures (`sha256-….sig`) too. */
  facts(repository: RepositoryName, page: { limit: number; last: string | undefined }): Promise<TagFacts[]>;
  /** Removes the tag if it still is as it was and isn't pinned; it may come back. The event says which rule. */
  remove(removal: TagRemoval): Promise<"removed" | "unknown" | "changed" | "pinned">;
  /** Newest first; of one repository or all, after the id `after` (exclusive); with `name` only those called so. */
  removed(
    repository: RepositoryName | undefined,
    page: { limit: number; after: number | undefined; name?: Tag | undefined },
  ): Promise<RemovedTag[]>;
  /**
   * Brings the tag of that id back as it was, with its owner and the time when it was set. "taken": the name is a tag
   * again by now (`is`), unless `was` is what it is or "any". "gone": it isn't to be had any more. "over-quota": it
   * would be one tag too many of these.
   */
  restore(
    id: number,
    was: TagFact,
    now: number,
    by: AuditActor | undefined,
    quotas?: readonly QuotaFact[],
  ): Promise<
    | { outcome: "restored"; tag: RemovedTag }
    | { outcome: "gone" }
    | { outcome: "taken"; is: Digest }
    | { outcome: "over-quota"; over: OverQuota }
  >;
  /** Forgets up to `limit` that were removed before `before`; their manifests are let go. @returns how many */
  forget(before: number, limit: number, now: number): Promise<number>;
  /** False: there is no such tag. */
  pin(
    repository: RepositoryName,
    tag: Tag,
    pinned: boolean,
    now: number,
    by: AuditActor | undefined,
  ): Promise<boolean>;
  /**
   * Of these manifests those that an engine holds (core/engine-name.ts): images in its list. With a repository also
   * those that name a held one there: engines hold the image of their platform, tags mostly name an index over it.
   */
  heldByEngines(digests: readonly Digest[], repository?: RepositoryName): Promise<Digest[]>;
  /** Since when (ms) pulls of hosted repositories are counted here: what was pulled before then, nobody knows. */
  pullsKnownSince(): Promise<number>;
}

export interface TagFacts {
  name: Tag;
  digest: Digest;
  mediaType: string;
  /** Bytes of the manifest itself. */
  size: number;
  /** When (ms) the tag was last set. */
  updatedAt: number;
  /** When (ms) its manifest was last put. */
  pushedAt: number;
  /** When (ms) its manifest was last pulled; undefined: never, as far as is known. */
  pulledAt: number | undefined;
  pulls: number;
  pinned: boolean;
}

export interface TagRemoval {
  repository: RepositoryName;
  tag: Tag;
  was: Digest;
  /** When (ms) it was last set, where the decision rested on that, too: "changed" if it was set again since. */
  setAt?: number | undefined;
  /** For people: "retention rule NAME", "garbage collection". */
  rule: string;
  now: number;
  by: AuditActor | undefined;
}

export interface RemovedTag {
  id: number;
  repository: RepositoryName;
  name: Tag;
  digest: Digest;
  /** ms. */
  removedAt: number;
  /** An account's name, or what removes by itself ("retention"). */
  removedBy: string;
  rule: string;
}
