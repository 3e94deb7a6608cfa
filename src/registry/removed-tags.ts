import { setImmediate as nextTurn } from "node:timers/promises";
import type { Access } from "#core/access.ts";
import type { AuditActor } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import type { Clock } from "#core/clock.ts";
import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import type { RemovedTag, TagRoom } from "#core/metadata/tag-room.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { immutableTag } from "./tag-decisions.ts";
import { overQuotaFault } from "./quota-gate.ts";
import type { Quotas } from "./quotas.ts";
import type { Listing } from "./tags.ts";

/**
 * Tags that were removed and may come back, and pins. A removed tag is told of to who may pull from its repository.
 * Whoever calls a change has asked for the right to it: bringing a tag back takes `push`, bringing it back over one that
 * is there `overwrite`; pinning and its opposite take `delete` or `overwrite`, since they decide whether the tag stays.
 */
export interface RemovedTags {
  /** Newest first, after the id `after`. */
  list(
    caller: Caller,
    repository: RepositoryName | undefined,
    page: { limit: number; after: number | undefined; name?: Tag | undefined },
  ): Promise<Listing<RemovedTag & { until: number }>>;
  /** Undefined: there is none of that id that the caller may know of. */
  find(caller: Caller, id: number): Promise<RemovedTag | undefined>;
  /**
   * @param over also where the tag is there again; an immutable one is never replaced
   * Throws manifest-unknown when it can't be had any more, account-exists when the tag is there, denied, over-quota.
   */
  restore(id: number, by: AuditActor | undefined, over?: boolean): Promise<RemovedTag>;
  /** Throws manifest-unknown. */
  pin(repository: RepositoryName, tag: Tag, pinned: boolean, by: AuditActor | undefined): Promise<void>;
}

export interface RemovedTagsParts {
  tagRoom: TagRoom;
  access: Access;
  clock: Clock;
  /** How long a removed tag can come back, ms. */
  undo: () => number;
  /** A tag that comes back counts like one that is made, in its repositories' quotas; undefined: there are none. */
  quotas?: Live<Pick<Quotas, "ofRepository" | "together">>;
}

/** Rows read at once while looking for those that the caller may know of. */
const step = 200;

export function createRemovedTags({ tagRoom, access, clock, undo, quotas }: RemovedTagsParts): RemovedTags {
  const mayKnow = (caller: Caller, { repository }: RemovedTag) =>
    access.decide(caller, repository, "pull").allowed;

  async function byId(id: number): Promise<RemovedTag | undefined> {
    const [found] = await tagRoom.removed(undefined, { limit: 1, after: id + 1 });
    return found?.id === id ? found : undefined;
  }

  return {
    async list(caller, repository, { limit, after, name }) {
      const items: RemovedTag[] = [];
      const rows = Math.max(step, limit + 1);
      for (let last = after; items.length <= limit;) {
        const found = await tagRoom.removed(repository, { limit: rows, after: last, name });
        items.push(...found.filter((tag) => mayKnow(caller, tag)));
        if (found.length < rows) break;
        last = found.at(-1)?.id;
        // Who may know of none has all of them looked at: others get their turn.
        await nextTurn();
      }
      const kept = undo();
      return {
        items: items.slice(0, limit).map((tag) => ({ ...tag, until: tag.removedAt + kept })),
        more: items.length > limit,
      };
    },

    async find(caller, id) {
      const found = await byId(id);
      return found && mayKnow(caller, found) ? found : undefined;
    },

    async restore(id, by, over = false) {
      const found = await byId(id);
      if (found === undefined) throw gone(id);
      const { repository, name } = found;
      const pattern = access.immutable(repository, name);
      const was = over && pattern === undefined ? "any" : "absent";
      const facts = [
        ...(quotas?.current.ofRepository(repository) ?? []),
        ...(quotas?.current.together(repository) ?? []),
      ];
      const outcome = await tagRoom.restore(id, was, clock(), by, facts);
      if (outcome.outcome === "restored") return outcome.tag;
      if (outcome.outcome === "gone") throw gone(id);
      if (outcome.outcome === "over-quota") throw overQuotaFault(repository, outcome.over);
      if (over && pattern !== undefined) throw immutableTag(repository, name, pattern);
      throw new AppError(
        "account-exists",
        `tag ${name} of ${repository} is there again, and names ${outcome.is}`,
        { subject: name, detail: { tag: name, digest: outcome.is } },
      );
    },

    async pin(repository, tag, pinned, by) {
      if (!(await tagRoom.pin(repository, tag, pinned, clock(), by)))
        throw new AppError("manifest-unknown", `repository ${repository} has no tag ${tag}`, {
          subject: tag,
        });
    },
  };
}

function gone(id: number): AppError {
  return new AppError("manifest-unknown", `the removed tag ${id} can't be brought back any more`, {
    subject: String(id),
  });
}
