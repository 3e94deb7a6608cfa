/**
 * Who is who, put together for one serving process: accounts, passwords, keys and tokens from the config,
 * as the guard and the doors take them.
 */
import type { Logger } from "pino";
import { openKeyRing } from "#adapters/keys/key-ring.ts";
import { createAccountManagement, type AccountManagement } from "#auth/accounts.ts";
import { createCredentials } from "#auth/credentials.ts";
import { createHtpasswd } from "#auth/htpasswd.ts";
import { knownBySecret } from "#auth/known.ts";
import { createOutsideTokens } from "#auth/outside.ts";
import { createPasswordChecks } from "#auth/password-checks.ts";
import { createSignIn } from "#auth/sign-in.ts";
import { createTokens, type Tokens } from "#auth/tokens.ts";
import { createPageSessions, type PageSessions } from "#auth/web-sessions.ts";
import { createWorkloads } from "#auth/workloads.ts";
import type { AuthConfig, Config } from "#config/config.ts";
import type { Access } from "#core/access.ts";
import type { AuditReads } from "#core/audit.ts";
import { AppError } from "#core/errors.ts";
import { fixed } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { AuthParts } from "#http/edge/guard.ts";
import { fileText } from "#kit/file-cache.ts";
import { createQuietVerifier } from "#kit/quiet-verifier.ts";
import { firstAdmin } from "./first-admin.ts";
import { htpasswdFaults } from "./htpasswd-file.ts";
import { keysOf } from "./key-sources.ts";
import { liveWorkloadIssuers } from "./workload-issuers.ts";
import type { Settings } from "../settings.ts";
import { keepSigningKeys, signingKeyPlace } from "./signing-keys.ts";
import type { Turn } from "../servers/turn.ts";

export interface Auth extends AsyncDisposable {
  guard: AuthParts;
  /** Undefined: another server issues the tokens. */
  tokens: Tokens | undefined;
  management: AccountManagement | undefined;
  /** Undefined: another server has the accounts. */
  pageSessions: PageSessions | undefined;
}

export interface AuthComposition {
  config: Config;
  settings: Settings;
  metadata: Metadata;
  access: Access;
  reads: AuditReads | undefined;
  log: Logger;
}

/** Undefined where auth is off. Throws storage-failed when the signing keys can't be read. */
export async function createAuth(parts: AuthComposition): Promise<Auth | undefined> {
  const { auth } = parts.config;
  if (auth === undefined || auth.mode === "none") return undefined;
  return auth.mode === "outside" ? outside(auth, parts.log) : inside(auth, parts);
}

function outside(auth: AuthConfig, log: Logger): Auth {
  const { realm, issuer = "", jwks_file, jwks_url, certificates } = auth.outside;
  const keys = keysOf({ issuer, jwks_file, jwks_url, certificates }, log);
  const { verify } = createOutsideTokens({ issuer, service: auth.service, keys, clock: Date.now });
  return {
    guard: { basic: undefined, bearer: verify, service: auth.service, realm },
    tokens: undefined,
    management: undefined,
    pageSessions: undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function inside(auth: AuthConfig, parts: AuthComposition): Promise<Auth> {
  const { config, settings, metadata, access, reads, log } = parts;
  const { accounts, logins } = metadata;
  const clock = () => metadata.now();
  const warn = (message: string) => log.warn(message);
  const { concurrent_checks, htpasswd } = auth.passwords;
  const verifier = createQuietVerifier(concurrent_checks);
  const users = htpasswd === undefined ? undefined : createHtpasswd({ read: fileText(htpasswd), warn });
  const credentials = createCredentials({
    accounts,
    logins,
    checks: createPasswordChecks({ concurrent: concurrent_checks, verify: verifier.verify, clock }),
    htpasswd: users,
    clock,
  });
  const workloads = createWorkloads(liveWorkloadIssuers(settings.config, log), clock);
  const signIn = createSignIn({ credentials, workloads, reads });
  const tokens = createTokens({
    keys: await openKeyRing({ place: signingKeyPlace(auth, config, metadata), clock, warn }),
    access,
    credentials,
    signIn,
    accounts,
    workloads,
    service: auth.service,
    lifetimes: fixed(auth.token),
    clock,
  });
  return {
    guard: {
      service: auth.service,
      realm: undefined,
      bearer: (token) => tokens.verify(token),
      basic: async (name, secret, from) => knownBySecret(await signIn.password(name, secret, from)),
    },
    tokens,
    pageSessions: createPageSessions({
      sessions: metadata.webSessions,
      credentials,
      htpasswd: users,
      signIn,
      idle: () => settings.config.current.web.session,
      clock,
    }),
    management: createAccountManagement({
      accounts,
      clock,
      proves: async (name, password, address) => {
        try {
          await credentials.check(name, password, address);
          return true;
        } catch (error) {
          if (error instanceof AppError && error.code === "unauthenticated") return false;
          throw error;
        }
      },
    }),
    [Symbol.asyncDispose]: () => verifier[Symbol.asyncDispose](),
  };
}

/**
 * For the one process that holds the data folder, before others serve: the signing key and the first admin.
 * Throws storage-failed, account-invalid; disposing ends the rotation.
 * @param turn of this server at what several servers share; undefined: it is alone
 */
export async function prepareAuth(
  config: Config,
  metadata: Metadata,
  log: Logger,
  turn?: Turn,
): Promise<AsyncDisposable> {
  const { auth } = config;
  if (auth?.mode !== "token") return { [Symbol.asyncDispose]: () => Promise.resolve() };
  await firstAdmin(auth, metadata.accounts, log);
  const { htpasswd } = auth.passwords;
  if (htpasswd !== undefined) for (const fault of await htpasswdFaults(htpasswd)) log.warn(fault);
  return keepSigningKeys(auth, config, metadata, turn, (message) => log.error(message));
}
