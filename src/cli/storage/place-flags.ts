import { resolve } from "node:path";
import { backupPlace, type BackupPlace, type BucketAccess } from "#app/verbs/backup-places.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import type { Io } from "../io.ts";
import type { Flags, FlagSpec } from "../parse-flags.ts";
import { UsageError } from "../usage-error.ts";

const { config, data } = CONFIG_FLAGS;

/** The flags that `berth backup` and `berth restore` have in common. */
export const PLACE_FLAGS = {
  blobs: { type: "string" },
  endpoint: { type: "string" },
  region: { type: "string" },
  "access-key-id-file": { type: "string" },
  "secret-access-key-file": { type: "string" },
  force: { type: "boolean" },
  json: { type: "boolean" },
  config,
  data,
} as const satisfies Record<string, FlagSpec>;

/** Throws UsageError. */
export function placeNamed(text: string | undefined, { cwd }: Pick<Io, "cwd">): BackupPlace | undefined {
  if (text === undefined) return undefined;
  const place = text === "" ? undefined : backupPlace(text, cwd);
  if (place === undefined) throw new UsageError(`"${text}" is neither a path nor s3://BUCKET/KEY`);
  return place;
}

const forBuckets = ["endpoint", "region", "access-key-id-file", "secret-access-key-file"];

/** @param places that were named. Throws UsageError, also where none of them is a bucket. */
export function bucketAccess(
  flags: Flags,
  { cwd }: Pick<Io, "cwd">,
  places: readonly (BackupPlace | undefined)[],
): BucketAccess {
  const useless = forBuckets.find((name) => flags.has(name));
  if (useless !== undefined && !places.some((place) => place?.kind === "bucket"))
    throw new UsageError(`--${useless} is for s3://BUCKET/KEY`);
  const text = (name: string) => flags.get(name)?.[0];
  const file = (name: string) => {
    const path = text(name);
    return path === undefined ? undefined : resolve(cwd, path);
  };
  const endpoint = text("endpoint");
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint))
    throw new UsageError(`--endpoint "${endpoint}" is not an address such as https://s3.example.org`);
  const idFile = file("access-key-id-file");
  const secretFile = file("secret-access-key-file");
  if ((idFile === undefined) !== (secretFile === undefined))
    throw new UsageError("--access-key-id-file and --secret-access-key-file need each other");
  return { endpoint, region: text("region"), idFile, secretFile };
}
