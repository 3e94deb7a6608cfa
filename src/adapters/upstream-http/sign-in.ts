import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "#core/errors.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";
import { untilAborted } from "#kit/until-aborted.ts";
import { readChallenge, type Challenge } from "./challenge.ts";
import type { Dialling } from "./dialling.ts";
import { failed, type Asked } from "./network-fault.ts";
import { checkedRealm } from "./realm.ts";
import { basicOf, requestToken, type TokenQuestion } from "./token-request.ts";
import { createTokens, sameQuestion } from "./tokens.ts";
import type { UpstreamCredentials, UpstreamParts } from "./upstream-parts.ts";

/** What goes to the upstream with a request. */
export interface Pass {
  authorization: string | undefined;
  /** What it was got with; undefined: no token server was asked. */
  question: TokenQuestion | undefined;
  token: string | undefined;
  /** The token was given just now: no newer one will do better. */
  fresh: boolean;
}

/** Signs in where the upstream asks for it, and remembers how. */
export interface SignIn {
  /** What the next request goes with. @param repository "": none */
  before(repository: string, asked: Asked, signal: AbortSignal): Promise<Pass>;
  /** The next try after a 401. Throws upstream-refused when there is none. */
  after(
    headers: IncomingHttpHeaders,
    used: Pass,
    repository: string,
    asked: Asked,
    signal: AbortSignal,
  ): Promise<Pass>;
  /** Whether the challenge of a 401 is one that could be met; throws upstream-refused where its realm may not be asked. */
  understands(headers: IncomingHttpHeaders, asked: Asked): boolean;
}

const repositoriesKept = 1_000;
const longestScope = 1_024;

export function createSignIn(
  parts: Pick<UpstreamParts, "url" | "credentials" | "realms" | "userAgent" | "timeout" | "now" | "scope">,
  dialling: Dialling,
): SignIn {
  const own = new URL(parts.url);
  /** By repository, and the last one for those that weren't asked for yet. */
  const challenges = createBoundedMap<string, Challenge>(repositoriesKept);
  let latest: Challenge | undefined;

  const realmOf = (realm: string, asked: Asked) =>
    checkedRealm(realm, { own, realms: parts.realms, dialling }, asked);

  const tokens = createTokens(
    async (question, asked) => {
      // Bounded by itself: many may wait for it, and each may leave.
      const ended = AbortSignal.timeout(parts.timeout * 2);
      try {
        return await requestToken(dialling, question, { userAgent: parts.userAgent, signal: ended }, asked);
      } catch (error) {
        if (!ended.aborted) throw error;
        throw failed(asked, `its token server ${question.realm.host} doesn't answer in time`);
      }
    },
    parts.now ?? (() => performance.now()),
  );

  async function passFor(
    challenge: Challenge | undefined,
    credentials: UpstreamCredentials | undefined,
    used: Pass | undefined,
    repository: string,
    asked: Asked,
    signal: AbortSignal,
  ): Promise<Pass> {
    const none = { question: undefined, token: undefined, fresh: false };
    if (credentials !== undefined && "token" in credentials)
      return { ...none, authorization: `Bearer ${credentials.token}` };
    if (challenge === undefined) return { ...none, authorization: undefined };
    if (challenge.way === "basic") {
      const named = credentials !== undefined && "username" in credentials;
      return { ...none, authorization: named ? basicOf(credentials) : undefined };
    }
    const question = {
      realm: realmOf(challenge.realm, asked),
      service: challenge.service,
      scope:
        parts.scope === "push"
          ? pushScope(challenge.scope, repository)
          : scopeOf(challenge.scope, repository),
      credentials,
    };
    if (used?.token === undefined || !sameQuestion(used.question, question)) {
      const { token, fresh } = await untilAborted(tokens.get(question, asked), signal);
      return { authorization: `Bearer ${token}`, question, token, fresh };
    }
    if (used.fresh) throw refused(asked, credentials, challenge);
    const { token, fresh } = await untilAborted(tokens.renew(question, used.token, asked), signal);
    return { authorization: `Bearer ${token}`, question, token, fresh };
  }

  return {
    async before(repository, asked, signal) {
      const known = challenges.get(repository) ?? withoutScope(latest);
      return passFor(known, await parts.credentials(), undefined, repository, asked, signal);
    },
    async after(headers, used, repository, asked, signal) {
      const challenge = readChallenge(headers["www-authenticate"]);
      const credentials = await parts.credentials();
      if (challenge === undefined) throw refused(asked, credentials, challenge);
      const pass = await passFor(challenge, credentials, used, repository, asked, signal);
      if (pass.authorization === undefined || pass.authorization === used.authorization)
        throw refused(asked, credentials, challenge);
      challenges.set(repository, challenge);
      latest = challenge;
      return pass;
    },
    understands(headers, asked) {
      const challenge = readChallenge(headers["www-authenticate"]);
      if (challenge?.way === "bearer") realmOf(challenge.realm, asked);
      return challenge !== undefined;
    },
  };
}

function withoutScope(challenge: Challenge | undefined): Challenge | undefined {
  return challenge?.way === "bearer" ? { ...challenge, scope: undefined } : challenge;
}

/** The challenge's, where it is for reading; else what the token specification would have. */
function scopeOf(said: string | undefined, repository: string): string | undefined {
  const harmless = said !== undefined && isPlain(said) && !/[:,](push|delete|\*)/.test(said);
  if (harmless) return said;
  return repository === "" ? undefined : `repository:${repository}:pull`;
}

function isPlain(scope: string): boolean {
  return scope.length <= longestScope && /^[\x20-\x7e]+$/.test(scope);
}

/** For both ways at once, so that one token does; and what the challenge wants of other repositories (for a mount). */
function pushScope(said: string | undefined, repository: string): string | undefined {
  const own = `repository:${repository}:`;
  const others = (said !== undefined && isPlain(said) ? said : "")
    .split(" ")
    .filter((scope) => /^repository:[^:]+:pull$/.test(scope) && !scope.startsWith(own));
  return repository === "" ? undefined : [`${own}pull,push`, ...others].join(" ");
}

function refused(
  { upstream, what }: Asked,
  credentials: UpstreamCredentials | undefined,
  challenge: Challenge | undefined,
): AppError {
  const words =
    credentials === undefined
      ? "Look at the name; if it is not for everybody, give the upstream credentials."
      : challenge?.way === "basic" && !("username" in credentials)
        ? "It wants a name and a password: set username and password of the upstream."
        : "It doesn't take the upstream's credentials for that.";
  return new AppError("upstream-refused", `${upstream} doesn't give out ${what} (401). ${words}`, {
    subject: what,
  });
}
