import { AppError } from "#core/errors.ts";
import { ecKeyPairFrom } from "#kit/keys.ts";
import type { KeyPlace, StoredKey } from "./key-place.ts";
import { readPrivateFile } from "./private-file.ts";

/** Keys that somebody else makes, one PEM file each (`auth.token.key_files`): the first signs, all verify. */
export function givenKeys(paths: readonly string[]): KeyPlace {
  return {
    name: "auth.token.key_files",
    async read() {
      const keys: StoredKey[] = [];
      for (const path of paths) {
        const called = `auth.token.key_files: ${path}`;
        const pem = await readPrivateFile({ path, called, exposed: "make another key" });
        const pair = pem === undefined ? undefined : ecKeyPairFrom(pem);
        if (pair === undefined)
          throw new AppError(
            "storage-failed",
            `${called} ${pem === undefined ? "isn't there" : "is no private key that signs ES256 (PEM, without a passphrase)"}. ` +
              `Make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ${path}`,
          );
        if (!keys.some((key) => key.pair.kid === pair.kid)) keys.unshift({ createdAt: 0, pair });
      }
      return keys;
    },
  };
}
