import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyPlace } from "#adapters/keys/key-place.ts";
import { openKeyRing } from "#adapters/keys/key-ring.ts";
import { rotateKeys } from "#adapters/keys/rotate.ts";
import { sealedKeys } from "#adapters/keys/sealed-keys.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import type { SigningKeys } from "#core/signing-keys.ts";
import { newEcKeyPair, pemOf } from "#kit/keys.ts";
import { migrations } from "../adapters/sqlite/temp-folder.ts";

export const day = 86_400_000;
export const newSigningSecret = () => randomBytes(48).toString("base64");

/** Keys in real metadata and real files of a temp folder, under a clock that the test moves. */
export async function keyBench() {
  const parts = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "berth-ring-"));
  parts.defer(() => rmSync(folder, { recursive: true, force: true }));
  const metadata = parts.use(
    await openSqliteMetadata({ path: join(folder, "berth.db"), migrationsDir: migrations }),
  );
  let now = 1_700_000_000_000;
  const clock = () => now;
  const warnings: string[] = [];
  const file = (name: string) => join(folder, name);
  const place = (secretFile = "secret") => sealedKeys(metadata.sealedKeys, file(secretFile));
  const write = (name: string, text: string, mode = 0o600) => writeFileSync(file(name), text, { mode });
  write("secret", `${newSigningSecret()}\n`);
  return {
    kept: metadata.sealedKeys,
    warnings,
    clock,
    pass: (ms: number) => void (now += ms),
    file,
    write,
    place,
    /** A new key pair in PEM, its id. */
    async writeKey(name: string): Promise<string> {
      const pair = await newEcKeyPair();
      write(name, pemOf(pair));
      return pair.kid;
    },
    /** @param skew how far this server's clock is ahead, ms */
    rotate: (secretFile = "secret", mine = true, skew = 0) =>
      rotateKeys({
        place: place(secretFile),
        rotation: 90 * day,
        overlap: 15 * 60_000,
        clock: () => now + skew,
        mine: () => mine,
      }),
    open: (where: KeyPlace = place(), skew = 0) =>
      openKeyRing({
        place: where,
        clock: () => now + skew,
        warn: (message) => void warnings.push(message),
      }),
    /** Whether `other` takes what `one` signs now. */
    async taken(one: SigningKeys, other: SigningKeys): Promise<boolean> {
      const key = await one.current();
      const token = key.sign({ iss: "i", aud: "a", iat: now / 1000, exp: now / 1000 + 300 });
      const verifying = await other.verifying(key.kid);
      const outcome = verifying?.verify(token, { issuer: "i", audience: "a", now });
      return outcome !== undefined && "claims" in outcome;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
