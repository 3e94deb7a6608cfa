/** `berth tag`: tags, removed ones and pins, next to a running server or without one. */
import { createAccess } from "#auth/policy.ts";
import type { Config } from "#config/config.ts";
import type { AuditActor } from "#core/audit.ts";
import type { Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { RemovedTag, TagFacts } from "#core/metadata/tag-room.ts";
import { createRemovedTags, type RemovedTags } from "#registry/removed-tags.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { keepsAudit } from "../audit/keeps-audit.ts";
import { openMetadataAsItIs } from "../open/open-metadata.ts";
import { openOperatorMetadata } from "../open/operator-metadata.ts";
import { createSettings } from "../settings.ts";

export interface ListedTag extends TagFacts {
  /** The pattern that makes it immutable. */
  immutable: string | undefined;
}

/** Whoever may open the data folder. */
const operator: Caller = {
  ...({ kind: "operator", id: undefined, name: "operator", admin: true, address: "", request: "" } as const),
  ...{ groups: [], rights: [], grants: undefined, limits: undefined },
};
/** Rows of one read. */
const page = 500;

function actor(config: Config): AuditActor {
  const by = { actorId: undefined, actor: "operator", kind: "operator", address: "", request: "" } as const;
  return { ...by, rule: "command line", ...(keepsAudit(config) ? {} : { unrecorded: true }) };
}

/** Who runs the registry is under no quota. */
function removedTagsOf(config: Config, metadata: Metadata): RemovedTags {
  const { tagRoom } = metadata;
  const access = createAccess(createSettings(config).policy);
  return createRemovedTags({
    ...{ tagRoom, access, clock: () => metadata.now(), undo: () => config.retention.undo },
  });
}

/** By name. Throws repository-unknown. */
export async function listTags(config: Config, repository: RepositoryName): Promise<ListedTag[]> {
  await using metadata = await openMetadataAsItIs(config);
  if (metadata === undefined || !(await metadata.repositories.exists(repository)))
    throw new AppError("repository-unknown", `there is no repository ${repository}`, { subject: repository });
  const access = createAccess(createSettings(config).policy);
  const all: ListedTag[] = [];
  for (let last: string | undefined; ;) {
    const tags = await metadata.tagRoom.facts(repository, { limit: page, last });
    for (const tag of tags) all.push({ ...tag, immutable: access.immutable(repository, tag.name) });
    if (tags.length < page) return all;
    last = tags.at(-1)?.name;
  }
}

/** Newest first; of one repository or all. */
export async function listRemovedTags(
  config: Config,
  repository: RepositoryName | undefined,
): Promise<(RemovedTag & { until: number })[]> {
  await using metadata = await openMetadataAsItIs(config);
  if (metadata === undefined) return [];
  const removed = removedTagsOf(config, metadata);
  const all: (RemovedTag & { until: number })[] = [];
  for (let more = true; more;) {
    const after = all.at(-1)?.id;
    const found = await removed.list(operator, repository, { limit: page, after });
    all.push(...found.items);
    more = found.more;
  }
  return all;
}

export interface Restoring {
  repository: RepositoryName;
  tag: Tag;
  /** Which of those that were called so; undefined: the one that was removed last. */
  id: number | undefined;
  /** Also where the tag is there again. */
  force: boolean;
}

/** Throws manifest-unknown, account-exists, denied. */
export async function restoreTag(
  config: Config,
  { repository, tag, id, force }: Restoring,
): Promise<RemovedTag> {
  await using metadata = await openOperatorMetadata(config);
  const removed = removedTagsOf(config, metadata);
  const named = id === undefined ? { limit: 1, after: undefined } : { limit: 1, after: id + 1 };
  const [found] = (await removed.list(operator, repository, { ...named, name: tag })).items;
  if (found === undefined || (id !== undefined && found.id !== id))
    throw new AppError(
      "manifest-unknown",
      `no removed tag ${tag} of ${repository}${id === undefined ? "" : ` with the id ${id}`} can be brought back: ` +
        `berth tag removed ${repository} shows those that can`,
      { subject: tag },
    );
  return await removed.restore(found.id, actor(config), force);
}

/** Throws manifest-unknown. */
export async function pinTag(
  config: Config,
  repository: RepositoryName,
  tag: Tag,
  pinned: boolean,
): Promise<void> {
  await using metadata = await openOperatorMetadata(config);
  await removedTagsOf(config, metadata).pin(repository, tag, pinned, actor(config));
}
