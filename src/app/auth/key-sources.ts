import type { Logger } from "pino";
import { createIssuerKeys, type KeyPlace } from "#auth/issuer-keys.ts";
import type { KeySource } from "#auth/key-source.ts";
import { createFetchJson } from "#kit/fetch-json.ts";
import { fileText } from "#kit/file-cache.ts";

/** Another issuer's keys from where the configuration pins them, with real files and a real network. */
export function keysOf(place: KeyPlace, log: Logger): KeySource {
  const warn = (message: string) => log.warn(message);
  return createIssuerKeys(place, { watch: fileText, fetchJson: createFetchJson(), warn, clock: Date.now });
}
