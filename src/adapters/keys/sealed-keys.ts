import { AppError } from "#core/errors.ts";
import type { SealedKey, SealedKeys } from "#core/metadata/sealed-keys.ts";
import { ecKeyPairFrom, newEcKeyPair, pemOf } from "#kit/keys.ts";
import { seal, unseal } from "#kit/sealed.ts";
import type { KeptKeyPlace, StoredKey } from "./key-place.ts";
import { readSecretFile } from "./secret-file.ts";

const use = "berth: signing key of access tokens";

/** Keys in metadata, for all servers on it; each needs the same secret file, which is read each time. */
export function sealedKeys(keys: SealedKeys, secretFile: string): KeptKeyPlace {
  function open({ kid, createdAt, sealed }: SealedKey, secrets: readonly string[]): StoredKey {
    for (const [at, secret] of secrets.entries()) {
      const pem = unseal(sealed, { secret, use, id: kid });
      const pair = pem === undefined ? undefined : ecKeyPairFrom(pem);
      // What a secret of before has sealed is followed by a key that the first one seals.
      if (pair?.kid === kid) return { createdAt, pair, ...(at > 0 && { outdated: true }) };
    }
    throw new AppError(
      "storage-failed",
      `auth.secret_file ${secretFile} isn't the one that the signing keys were sealed with: give this server the ` +
        "file that the others have, or write the secret of before below the new one, as a second line. Where it " +
        'is lost, remove the keys from the database ("DELETE FROM signing_keys", see the operations guide) and ' +
        "start again: new ones are made, and access tokens that are out end",
    );
  }

  return {
    name: "the metadata database",
    async read() {
      const secrets = await readSecretFile(secretFile);
      return (await keys.list()).map((key) => open(key, secrets));
    },
    async add(createdAt, after) {
      const [secret] = await readSecretFile(secretFile);
      const pair = await newEcKeyPair();
      const { kid } = pair;
      await keys.add(
        { kid, createdAt, sealed: seal(pemOf(pair), { secret, use, id: kid }) },
        after?.pair.kid,
      );
    },
    remove: (ended) => keys.remove(ended.map(({ pair }) => pair.kid)),
  };
}
