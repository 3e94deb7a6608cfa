import { join } from "node:path";
import { folderKeys } from "#adapters/keys/folder-keys.ts";
import { givenKeys } from "#adapters/keys/given-keys.ts";
import type { KeptKeyPlace, KeyPlace } from "#adapters/keys/key-place.ts";
import { scheduleRotation, rotateKeys, type RotationParts } from "#adapters/keys/rotate.ts";
import { sealedKeys } from "#adapters/keys/sealed-keys.ts";
import type { AuthConfig, Config } from "#config/config.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Turn } from "../servers/turn.ts";

/** Where the signing keys lie: given files, the metadata (for all servers on it), or a folder of this server's. */
export function signingKeyPlace(auth: AuthConfig, config: Config, metadata: Metadata): KeyPlace {
  const { key_files } = auth.token;
  return key_files.length > 0 ? givenKeys(key_files) : keptPlace(auth, config, metadata);
}

function keptPlace(
  { secret_file }: AuthConfig,
  { data }: Config,
  { sealedKeys: kept }: Metadata,
): KeptKeyPlace {
  return secret_file === undefined ? folderKeys(join(data, "keys")) : sealedKeys(kept, secret_file);
}

/**
 * Sees that there is a signing key, and makes new ones in their time; given ones are only looked at.
 * Throws storage-failed; disposing ends the rotation.
 * @param turn of this server at keys that several have; undefined: it is alone
 */
export async function keepSigningKeys(
  auth: AuthConfig,
  config: Config,
  metadata: Metadata,
  turn: Turn | undefined,
  warn: (message: string) => void,
): Promise<AsyncDisposable> {
  const { key_files, key_rotation, lifetime } = auth.token;
  if (key_files.length > 0) {
    await givenKeys(key_files).read();
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const rotation: RotationParts = {
    place: keptPlace(auth, config, metadata),
    rotation: key_rotation,
    overlap: lifetime + 10 * 60_000,
    clock: Date.now,
    mine: () => auth.secret_file === undefined || turn === undefined || turn.mine(),
  };
  await rotateKeys(rotation);
  return scheduleRotation(rotation, warn);
}
