import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { verify, type VerifyTarget } from "#maintenance/verify.ts";
import type { VerifyReport } from "#maintenance/verify-report.ts";
import type { BlobProgress } from "./backup.ts";
import { openMetadataAsItIs } from "./open-metadata.ts";
import { openStore } from "./open-store.ts";
import { databasePath } from "./storage.ts";

/** `berth verify`, next to a running server or without one; changes nothing. Things told are tags. */
export async function verifyRegistry(
  config: Config,
  targets: readonly VerifyTarget[] | undefined,
  quick: boolean,
  progress: BlobProgress,
): Promise<VerifyReport> {
  await using metadata = await openMetadataAsItIs(config);
  if (metadata === undefined)
    throw new AppError(
      "storage-failed",
      `there is no database ${databasePath(config)}: name the data folder with --data`,
    );
  const { repositories } = metadata;
  const store = await openStore(config);
  if (targets === undefined) progress.expect({ items: (await repositories.count()).tags, bytes: 0 });
  return await verify({ repositories, store, quick, progress }, targets);
}
