/** What a bucket of the command line answered, in words for who typed it. */
import type { S3ClientParts } from "#adapters/s3/s3-client.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { inFlags } from "./bucket-flag-words.ts";
import { type BackupPlace, type BucketAccess, fromConfig, placeClient } from "./backup-places.ts";

export interface NamedPlaces {
  config: Config;
  access: BucketAccess;
  places: readonly (BackupPlace | undefined)[];
}

/**
 * Runs `work`; what a bucket answered is told in its own words, for who runs the command is its operator. Of a bucket
 * that was named as a place it is found out what is wrong with it.
 */
export async function bucketInWords<T>(work: () => Promise<T>, named?: NamedPlaces): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    const s3 = cause instanceof Error && cause.name === "S3Failure" ? cause : undefined;
    if (!(error instanceof AppError) || s3 === undefined) throw error;
    throw new AppError(error.code, await words(s3.message, named), { cause });
  }
}

async function words(message: string, named: NamedPlaces | undefined): Promise<string> {
  const place = named?.places.find(
    (one) => one?.kind === "bucket" && message.startsWith(`bucket ${one.bucket}:`),
  );
  if (named === undefined || place?.kind !== "bucket") return message;
  const { config, access } = named;
  const parts = placeClient(config, place.bucket, access);
  const fault = await faultOf(parts);
  const found = fault === undefined ? message : `bucket ${place.bucket}: ${fault}`;
  return fromConfig(config, place.bucket, access) ? found : inFlags(found);
}

async function faultOf(parts: S3ClientParts): Promise<string | undefined> {
  const { placeFault } = await import("#adapters/s3/place-fault.ts");
  return await placeFault(parts).catch(() => undefined);
}
