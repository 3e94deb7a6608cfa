import type { Logger } from "pino";
import type { KeySource } from "#auth/key-source.ts";
import { createKeysFromFile } from "#auth/keys-from-file.ts";
import { createKeysFromUrl } from "#auth/keys-from-url.ts";
import { createFetchJson } from "#kit/fetch-json.ts";
import { fileText } from "#kit/file-cache.ts";

export interface KeyPlaces {
  jwks_file: string | undefined;
  jwks_url: string | undefined;
  certificates?: string | undefined;
  /** An OIDC issuer whose discovery document says where its keys are, when nothing else is said. */
  discover: string | undefined;
}

/** Another issuer's keys from where the configuration pins them. */
export function keysOf({ jwks_file, jwks_url, certificates, discover }: KeyPlaces, log: Logger): KeySource {
  const warn = (message: string) => log.warn(message);
  const file = jwks_file ?? certificates;
  if (file !== undefined) {
    const format = jwks_file === undefined ? "certificates" : "jwks";
    return createKeysFromFile({ path: file, format, read: fileText(file), warn });
  }
  const url = jwks_url ?? discover ?? "";
  return createKeysFromUrl({
    url,
    discover: jwks_url === undefined,
    fetchJson: createFetchJson(),
    warn,
    clock: Date.now,
  });
}
