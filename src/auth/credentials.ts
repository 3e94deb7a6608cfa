/**
 * Names and secrets: who it is that signs in. Owns the order in which they are tried and the one answer
 * to all that is wrong; never hashes in the event loop, never says whether a name exists.
 * secret of ours → looked up | remembered password → yes | delay → line → hash → account or htpasswd.
 */
import type { Identity } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { Accounts } from "#core/metadata/accounts.ts";
import type { Logins } from "#core/metadata/logins.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";
import { clientNetwork } from "#kit/client-network.ts";
import { nobodysHash } from "#kit/password-hash.ts";
import { createFingerprint, hashSecret, sameText } from "#kit/secrets.ts";
import type { Authenticated } from "./authenticated.ts";
import type { Htpasswd } from "./htpasswd.ts";
import { htpasswdIdentity, identityOf, isUsable } from "./identity.ts";
import { createLiveIdentities, type LiveIdentities } from "./live-identities.ts";
import type { PasswordChecks } from "./password-checks.ts";
import { isSecretText } from "./secret-text.ts";

export interface Credentials extends LiveIdentities {
  /**
   * Who has this name and secret: an account's password, a robot's secret, a personal token, a line of the
   * htpasswd file. Throws unauthenticated, in one wording for whatever is wrong; too-many-attempts with
   * retryAfter. @param address the client's, for the delays after wrong ones.
   */
  check(name: string, secret: string, address: string): Promise<Authenticated>;
  /** Whether somebody signs in by this name; for the audit log, never for answers. */
  hasName(name: string): Promise<boolean>;
  /** The htpasswd user as he is now, while his line stands and no account has his name; for his tokens. */
  liveHtpasswd(name: string): Promise<Identity | undefined>;
}

export interface CredentialsParts {
  accounts: Accounts;
  logins: Logins;
  checks: PasswordChecks;
  htpasswd: Htpasswd | undefined;
  /** ms since the epoch. */
  clock: () => number;
}

interface Candidate {
  /** Whose hash it is; undefined: nobody's, checked all the same. */
  who: Authenticated | undefined;
  owner: string;
  hash: string;
}

const longestName = 128;
const mostWaits = 10_000;
/** Bytes of the longest password that can be set. */
const longestSecret = 1_000;

export function createCredentials(parts: CredentialsParts): Credentials {
  const { accounts, logins, checks, htpasswd, clock } = parts;
  const fingerprint = createFingerprint();
  /** Equal checks under way: a client's first burst of requests is one attempt and one hash. */
  const underWay = new Map<string, Promise<Authenticated>>();

  /** A personal token or a robot's secret. */
  async function bySecret(name: string, text: string): Promise<Authenticated | undefined> {
    const hash = hashSecret(text);
    const secret = await accounts.secret(hash);
    if (secret === undefined || !sameText(secret.hash, hash) || secret.kind === "refresh") return undefined;
    const now = clock();
    if (secret.expiresAt !== undefined && secret.expiresAt <= now) return undefined;
    const account = await accounts.byId(secret.accountId);
    if (account?.name !== name || !isUsable(account, now)) return undefined;
    return {
      identity: identityOf(account),
      accountId: account.id,
      secretId: secret.id,
      limits: secret.limits,
    };
  }

  async function candidate(name: string): Promise<Candidate> {
    const account = await accounts.byName(name);
    if (account !== undefined) {
      const { passwordHash, id } = account;
      const may = passwordHash !== undefined && isUsable(account, clock());
      const who = { identity: identityOf(account), accountId: id, secretId: undefined, limits: undefined };
      return { who: may ? who : undefined, owner: `account:${id}`, hash: passwordHash ?? nobodysHash };
    }
    const hash = await htpasswd?.hashOf(name);
    if (hash === undefined) return { who: undefined, owner: "", hash: await decoy(name) };
    const who = {
      identity: htpasswdIdentity(name),
      accountId: undefined,
      secretId: undefined,
      limits: undefined,
    };
    return { who, owner: `htpasswd:${name}`, hash };
  }

  /** Of an unknown name: half of them take as long as an account's, half as long as a line of the file. */
  async function decoy(name: string): Promise<string> {
    const line = await htpasswd?.anyHash();
    if (line === undefined) return nobodysHash;
    return Number.parseInt(hashSecret(line + name).slice(0, 2), 16) % 2 === 0 ? line : nobodysHash;
  }

  async function bySlowHash(name: string, password: string, network: string): Promise<Authenticated> {
    await mayTry(name, network);
    const { who, owner, hash } = await candidate(name);
    const right = await checks.check(owner, hash, password);
    if (!right || who === undefined) throw wrong();
    // Waiting in line can take a while: a password that was changed meanwhile is not right any more.
    const now = await candidate(name);
    if (now.who === undefined || now.owner !== owner || now.hash !== hash) throw wrong();
    await logins.succeeded(name, network);
    return now.who;
  }

  /** Whoever is told to wait and doesn't is told again here, without asking the one who counts for all. */
  const waits = createBoundedMap<string, number>(mostWaits);

  async function mayTry(name: string, network: string): Promise<void> {
    const key = `${network} ${name}`;
    const until = waits.take(key) ?? 0;
    const wait = until > clock() ? until - clock() : await logins.attempt(name, network, clock());
    if (wait <= 0) return;
    waits.set(key, clock() + wait);
    const seconds = Math.ceil(wait / 1000);
    throw new AppError(
      "too-many-attempts",
      `too many wrong passwords from this address: try again in ${seconds} s`,
      { retryAfter: seconds },
    );
  }

  const { live } = createLiveIdentities(accounts, clock);
  return {
    live,
    async check(name, secret, address) {
      if (name === "" || secret === "" || name.length > longestName) throw wrong();
      if (secret.length > longestSecret) throw wrong();
      const network = clientNetwork(address);
      if (isSecretText(secret)) {
        const found = await bySecret(name, secret);
        if (found !== undefined) return found;
        await mayTry(name, network);
        throw wrong();
      }
      const { who, owner, hash } = await candidate(name);
      if (who !== undefined && checks.remembers(owner, hash, secret)) return who;
      const key = fingerprint(name, secret, network);
      let check = underWay.get(key);
      if (check === undefined) {
        check = bySlowHash(name, secret, network).finally(() => underWay.delete(key));
        underWay.set(key, check);
      }
      return check;
    },
    hasName: async (name) =>
      (await accounts.byName(name)) !== undefined || (await htpasswd?.hashOf(name)) !== undefined,
    async liveHtpasswd(name) {
      const { who } = await candidate(name);
      return who?.accountId === undefined ? who?.identity : undefined;
    },
  };
}

function wrong(): AppError {
  return new AppError("unauthenticated", "wrong name or password");
}
