import type { FetchJson } from "#kit/fetch-json.ts";
import type { KeySource } from "./key-source.ts";
import { createKeysFromFile } from "./keys-from-file.ts";
import { createKeysFromUrl } from "./keys-from-url.ts";

/** Where the configuration says that an issuer's keys are. */
export interface KeyPlace {
  readonly issuer: string;
  readonly jwks_file: string | undefined;
  readonly jwks_url: string | undefined;
  /** PEM bundle; only outside token servers have one. */
  readonly certificates?: string | undefined;
}

export interface IssuerKeysParts {
  /** Text of a file as it is now, e.g. kit's `fileText`. */
  watch: (path: string) => () => Promise<{ text: string; version: number }>;
  fetchJson: FetchJson;
  warn: (message: string) => void;
  /** ms since the epoch. */
  clock: () => number;
}

/** The keys of one issuer: the first place that is configured, else what its discovery document names. */
export function createIssuerKeys(place: KeyPlace, parts: IssuerKeysParts): KeySource {
  const { issuer, jwks_file, jwks_url, certificates } = place;
  const { watch, ...rest } = parts;
  if (jwks_file !== undefined)
    return createKeysFromFile({ path: jwks_file, format: "jwks", read: watch(jwks_file), warn: parts.warn });
  if (certificates !== undefined)
    return createKeysFromFile({
      path: certificates,
      format: "certificates",
      read: watch(certificates),
      warn: parts.warn,
    });
  return createKeysFromUrl({ url: jwks_url ?? issuer, discover: jwks_url === undefined, ...rest });
}
