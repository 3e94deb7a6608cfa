/** Who is who: the `auth` section. Durations are milliseconds, files absolute. */
export interface AuthConfig {
  /** `token`: Berth's own token server. `outside`: another one's tokens. `none`: open to everybody. */
  mode: "token" | "outside" | "none";
  /** `service` of the challenge and audience of tokens; by default the host of external_url, else `berth`. */
  service: string;
  /**
   * File with a secret, the same on each server, that the signing keys in metadata are encrypted with; not set: the
   * keys lie in the data folder, or are given. Absolute.
   */
  secret_file: string | undefined;
  token: {
    /** Of access tokens. */
    lifetime: number;
    /** Of refresh tokens (`offline_token`). */
    refresh_lifetime: number;
    /** How often a new signing key is made. */
    key_rotation: number;
    /** PEM files of P-256 private keys that others make: the first signs, all verify. Empty: Berth makes its own. */
    key_files: string[];
  };
  passwords: {
    /** Passwords hashed at the same time in one serving process; others wait in line. */
    concurrent_checks: number;
    /** File with `name:hash` lines (bcrypt or argon2id), beside the accounts; read again when it changes. */
    htpasswd: string | undefined;
  };
  /** Made at the start when there is no admin yet. */
  admin: { name: string; password_file: string | undefined };
  /** With mode `outside`. */
  outside: OutsideConfig;
  workloads: WorkloadProvider[];
}

/** A token server that isn't Berth's. Its keys come from one of three places that the file pins. */
export interface OutsideConfig {
  /** URL of its token endpoint, as the challenge says it. */
  realm: string | undefined;
  /** `iss` that tokens must have. */
  issuer: string | undefined;
  jwks_file: string | undefined;
  jwks_url: string | undefined;
  /** PEM bundle of certificates whose keys sign. */
  certificates: string | undefined;
}

/** An OIDC issuer whose tokens CI jobs exchange at /token. */
export interface WorkloadProvider {
  /** For rules and logs: `workload:NAME`. */
  name: string;
  issuer: string;
  /** `aud` that the job's token must have. */
  audience: string;
  /** By default the issuer's discovery document names it. */
  jwks_url: string | undefined;
  jwks_file: string | undefined;
  /** The first that matches decides; none: refused. */
  rules: WorkloadRule[];
}

export interface WorkloadRule {
  /** Claim → pattern (`*` stands for any text); all must match. */
  claims: Record<string, string>;
  /** Groups that the job then is in. */
  groups: string[];
}
