import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { BlobStore } from "#core/blob-store.ts";
import type { BlobFacts } from "#core/metadata/repositories.ts";
import { markDamaged } from "#maintenance/verify/mark-damaged.ts";
import { verify, type VerifyTarget } from "#maintenance/verify/verify.ts";
import type { VerifyReport } from "#maintenance/verify/verify-report.ts";
import type { BlobProgress } from "./backup.ts";
import { missingReferencesRule } from "../missing-references-rule.ts";
import { keptInPostgres, openMetadataAsItIs } from "../open/open-metadata.ts";
import { openStore } from "../open/open-store.ts";
import { openOperatorMetadata } from "../open/operator-metadata.ts";
import { databasePath } from "../open/storage.ts";

export interface VerifyOrder {
  /** Undefined: everything. */
  targets: readonly VerifyTarget[] | undefined;
  /** Only sizes of blobs. */
  quick: boolean;
  /** Mark what is damaged. */
  mark: boolean;
}

/** `berth verify`, next to a running server or without one; changes nothing but marks. Things told are tags. */
export async function verifyRegistry(
  config: Config,
  { targets, quick, mark }: VerifyOrder,
  progress: BlobProgress,
): Promise<VerifyReport> {
  await using metadata = await openMetadataAsItIs(config);
  if (metadata === undefined)
    throw new AppError(
      "storage-failed",
      `there is no database ${databasePath(config)}: name the data folder with --data`,
    );
  const { repositories, blobFolder } = metadata;
  // Without settle: this only looks.
  const store = await openStore(config, { id: () => blobFolder.id() });
  if (targets === undefined) progress.expect({ items: (await repositories.count()).tags, bytes: 0 });
  const marking = async (wrong: readonly BlobFacts[]) =>
    keptInPostgres(config)
      ? await markDamaged(repositories, store, wrong)
      : await markByWriter(config, store, wrong);
  const mayLack = missingReferencesRule(config.policy.missing_references);
  return await verify(
    { repositories, store, quick, mayLack, mark: mark ? marking : undefined, progress },
    targets,
  );
}

/** SQLite has one writer, which this process is where no server runs: only now, so that one may start meanwhile. */
async function markByWriter(config: Config, store: BlobStore, wrong: readonly BlobFacts[]): Promise<number> {
  await using metadata = await openOperatorMetadata(config);
  return await markDamaged(metadata.repositories, store, wrong);
}
