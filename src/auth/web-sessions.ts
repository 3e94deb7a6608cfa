/**
 * Sessions of the web page: who signed in with name and password gets a cookie's secret, of which only the hash is
 * kept. Who that is now is looked up for every request, so nobody stays whom an admin sent away.
 */
import { AppError } from "#core/errors.ts";
import type { WebSessions } from "#core/metadata/web-sessions.ts";
import { hashSecret, newSecret } from "#kit/secrets.ts";
import type { Authenticated } from "./authenticated.ts";
import type { Credentials } from "./credentials.ts";
import type { Htpasswd } from "./htpasswd.ts";
import { knownBySecret, type Known } from "./known.ts";
import type { SignIn, SignInFrom } from "./sign-in.ts";
import { readSessionIdentity, type SessionIdentity } from "./session-identity.ts";

export interface PageSession {
  known: Known;
  /** What every change must bring along. */
  csrf: string;
}

export interface PageSessions {
  /** Throws unauthenticated, too-many-attempts; denied for robots and workloads. */
  signIn(name: string, secret: string, from: SignInFrom): Promise<PageSession & { cookie: string }>;
  /**
   * Undefined: there is no such session, it ended, or whose it was may not sign in any more as he did.
   * @param use "unused": only looked at, which makes it last no longer
   */
  find(cookie: string, use?: "unused"): Promise<PageSession | undefined>;
  end(cookie: string): Promise<void>;
}

export interface PageSessionsParts {
  sessions: WebSessions;
  credentials: Pick<Credentials, "live" | "liveHtpasswd">;
  htpasswd: Pick<Htpasswd, "hashOf"> | undefined;
  signIn: Pick<SignIn, "password">;
  /** ms that a session may lie idle. */
  idle: () => number;
  /** ms since the epoch. */
  clock: () => number;
}

/** However much it is used, a session ends after so long, ms. */
const longest = 30 * 86_400_000;
/** Uses are written down so far apart at least, ms. */
const seenApart = 60_000;
/** A full disk takes no note of a use, which is no reason to show nothing. */
const ignore = () => undefined;
/** 32 bytes as base64url. */
const cookieForm = /^[A-Za-z0-9_-]{43}$/;

export function createPageSessions(parts: PageSessionsParts): PageSessions {
  const { sessions, credentials, htpasswd, signIn, idle, clock } = parts;

  async function identityOf({ identity, accountId, secretId, limits }: Authenticated, at: number) {
    if (accountId !== undefined) return { account: accountId, secret: secretId, limits, at };
    const line = await htpasswd?.hashOf(identity.name);
    if (line === undefined) throw new AppError("unauthenticated", "wrong name or password");
    return { htpasswd: identity.name, line: hashSecret(line) };
  }

  async function live(identity: SessionIdentity): Promise<Known | undefined> {
    if ("account" in identity) {
      const { account, secret, limits, at } = identity;
      const now = await credentials.live(account, secret, at);
      if (now?.kind !== "user") return undefined;
      return { ...now, grants: undefined, limits };
    }
    const line = await htpasswd?.hashOf(identity.htpasswd);
    if (line === undefined || hashSecret(line) !== identity.line) return undefined;
    const now = await credentials.liveHtpasswd(identity.htpasswd);
    return now && { ...now, grants: undefined, limits: undefined };
  }

  return {
    async signIn(name, secret, from) {
      // Before the password is looked at: one that is changed meanwhile ends this session, too.
      const at = clock();
      const who = await signIn.password(name, secret, from);
      if (who.identity.kind !== "user")
        throw new AppError("denied", "only people sign in here: use the account of a user");
      const cookie = newSecret("");
      const session = {
        hash: hashSecret(cookie),
        identity: JSON.stringify(await identityOf(who, at)),
        csrf: newSecret(""),
        createdAt: at,
        seenAt: at,
        expiresAt: at + Math.min(idle(), longest),
      };
      await sessions.add(session);
      return { cookie, csrf: session.csrf, known: knownBySecret(who) };
    },

    async find(cookie, use) {
      if (!cookieForm.test(cookie)) return undefined;
      const session = await sessions.find(hashSecret(cookie));
      if (session === undefined) return undefined;
      const { hash, csrf, createdAt, seenAt } = session;
      const now = clock();
      // The configured time holds for sessions that were begun under another one, too.
      const end = Math.min(session.expiresAt, seenAt + idle(), createdAt + longest);
      if (now >= end) return undefined;
      const identity = readSessionIdentity(session.identity);
      const known = identity && (await live(identity));
      if (known === undefined) {
        await sessions.end(hash).catch(ignore);
        return undefined;
      }
      if (use === undefined && now - seenAt >= Math.min(seenApart, idle() / 4))
        await sessions.seen(hash, now, Math.min(now + idle(), createdAt + longest)).catch(ignore);
      return { known, csrf };
    },

    async end(cookie) {
      if (cookieForm.test(cookie)) await sessions.end(hashSecret(cookie));
    },
  };
}
