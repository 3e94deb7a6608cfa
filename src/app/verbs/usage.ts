/** `berth usage`: what is stored, next to a running server or without one. Changes nothing. */
import type { Config } from "#config/config.ts";
import { cachedName } from "#core/cached-name.ts";
import { AppError } from "#core/errors.ts";
import { fixed } from "#core/live.ts";
import type { RepositoryDetail, Usage } from "#core/metadata/usage.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { compileQuotas } from "#registry/quotas.ts";
import { createUsageLists, type AccountUse, type QuotaUse } from "#registry/usage.ts";
import { lostDatabaseFindings } from "../doctor/registry/lost-database.ts";
import { openMetadataAsItIs } from "../open/open-metadata.ts";

export interface UsageReport {
  /** By name. */
  repositories: RepositoryDetail[];
  /** Of everything, whatever was asked for; undefined where only some repositories were. */
  all: { quotas: QuotaUse[]; accounts: AccountUse[]; cachedBytes: number } | undefined;
}

const pageSize = 500;
/** Repositories and accounts shown of each quota that all of them have. */
const fullest = 20;

/** @param names undefined: all that are hosted. Throws repository-unknown. */
export async function readUsage(
  config: Config,
  names: readonly RepositoryName[] | undefined,
): Promise<UsageReport> {
  await using metadata = await openMetadataAsItIs(config);
  if (metadata === undefined) {
    await refuseLostDatabase(config);
    if (names?.[0] !== undefined) throw unknown(names[0]);
    return { repositories: [], all: { quotas: [], accounts: [], cachedBytes: 0 } };
  }
  const { usage, accounts, cached } = metadata;
  if (names !== undefined) {
    const repositories: RepositoryDetail[] = [];
    for (const name of names) repositories.push(await named(usage, name));
    return { repositories, all: undefined };
  }
  const repositories: RepositoryDetail[] = [];
  for (let last: RepositoryName | undefined; ;) {
    const page = await usage.repositories({ limit: pageSize, last });
    for (const { name } of page) {
      const detail = await usage.repository(name);
      if (detail !== undefined) repositories.push(detail);
    }
    last = page.at(-1)?.name;
    if (page.length < pageSize) break;
  }
  const lists = createUsageLists({ usage, accounts, quotas: fixed(compileQuotas(config.quotas)) });
  const all = {
    quotas: await lists.quotas(fullest),
    accounts: await lists.accounts(),
    cachedBytes: (await cached.usage()).total,
  };
  return { repositories, all };
}

/** Throws storage-failed where something is stored and nobody knows what, which isn't the same as nothing. */
async function refuseLostDatabase(config: Config): Promise<void> {
  const [lost] = await lostDatabaseFindings(config);
  if (lost !== undefined)
    throw new AppError(
      "storage-failed",
      `the ${lost.name} ${lost.message}. Bring it back: ${lost.cure ?? ""}`,
    );
}

/** What is hosted under the name, or else what is cached under it. */
async function named(usage: Usage, name: RepositoryName): Promise<RepositoryDetail> {
  const hosted = await usage.repository(name);
  if (hosted !== undefined && hosted.blobs + hosted.manifests > 0) return hosted;
  const cached = await usage.repository(cachedName(name));
  if (cached !== undefined) return { ...cached, name };
  if (hosted !== undefined) return hosted;
  throw unknown(name);
}

function unknown(name: RepositoryName): AppError {
  return new AppError("repository-unknown", `there is no repository ${name}`, { subject: name });
}
