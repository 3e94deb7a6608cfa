import type { Identity, Right } from "#core/caller.ts";

/** What a name and a secret (or a token of another issuer) proved. */
export interface Authenticated {
  readonly identity: Identity;
  /** Row id of the account; undefined for htpasswd users and workloads. */
  readonly accountId: number | undefined;
  /** Row id of the secret that was used: access tokens issued from it end with it. */
  readonly secretId: number | undefined;
  /** Narrower rights of that secret. */
  readonly limits: readonly Right[] | undefined;
}
