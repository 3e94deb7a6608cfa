import type { Config, StoreKind } from "#config/config.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import { owns } from "./open-store.ts";

/** Blobs of one look. */
const page = 50;
/**
 * Where the looks begin. Digests are random, so all over their order is a sample of everything; a move goes through
 * them in order, so what one that was broken off has left is at the end: there the looks come closer and closer.
 */
const looks = [undefined, ..."123456789abcdef", ...["ff", "fff", "ffff", "fffff", "ffffff", "fffffff"]].map(
  (hex) => hex && `sha256:${hex}`,
);

/**
 * Whether blobs lie in a store that `storage.stores` doesn't name (any more), in words that say how to reach them;
 * undefined: none was found. A look at some rows by an index, however many there are; a few single blobs may hide.
 */
export async function leftBlobs(
  { storage: { stores, s3 } }: Config,
  repositories: Pick<Repositories, "recordedBlobs">,
): Promise<string | undefined> {
  const [first = "disk", second] = stores;
  if (second !== undefined) return undefined;
  const missing: StoreKind = first === "disk" ? "s3" : "disk";
  for (const last of looks) {
    const found = await repositories.recordedBlobs({ limit: page, last });
    const left = found.find(({ location, damaged }) => !damaged && owns[missing](location));
    if (left !== undefined)
      return (
        `blobs lie in the ${missing} store (${left.digest} is one), which storage.stores doesn't name, and can't be ` +
        `pulled: write storage.stores: [${first}, ${missing}]` +
        (missing === "s3" && s3 === undefined ? ", with the section storage.s3 from before," : "") +
        " until berth storage migrate has moved them all"
      );
    // All of them were looked at.
    if (last === undefined && found.length < page) return undefined;
  }
  return undefined;
}
