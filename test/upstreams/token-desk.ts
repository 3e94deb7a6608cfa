import { randomBytes } from "node:crypto";
import { errorAnswer, jsonAnswer, type Answer } from "./answer.ts";
import type { SeenRequest } from "./fault.ts";

/** How the upstream wants to be asked. */
export interface UpstreamAuth {
  /** `bearer`: tokens from `realm`; `basic`: name and password with every request. */
  way: "bearer" | "basic";
  username: string;
  password: string;
  /** A refresh token that POST /token takes instead (`identitytoken` of a docker config.json). */
  identityToken?: string;
  /** Whether a token is given to who sends no credentials. Default: no. */
  anonymous?: boolean;
  /** Seconds that a token holds, as it says; undefined: it doesn't say. */
  expiresIn?: number;
  /** Default: /token of this very server. */
  realm?: string;
  service?: string;
}

/** The upstream's own token server, and whether a request may pass. */
export function createTokenDesk(originOf: () => string) {
  const tokens = new Map<string, string>();
  let auth: UpstreamAuth | undefined;

  function challenge(request: SeenRequest): string {
    if (auth?.way === "basic") return 'Basic realm="upstream"';
    const realm = auth?.realm ?? `${originOf()}/token`;
    const scope = request.repository === "" ? "" : `,scope="repository:${request.repository}:pull"`;
    return `Bearer realm="${realm}",service="${auth?.service ?? "upstream.test"}"${scope}`;
  }

  function asked(request: SeenRequest): Answer {
    const basic = `Basic ${Buffer.from(`${auth?.username}:${auth?.password}`).toString("base64")}`;
    const form = new URLSearchParams(request.body);
    const query = new URL(request.path, originOf()).searchParams;
    const posted = request.method === "POST";
    const good = posted
      ? form.get("grant_type") === "refresh_token" && form.get("refresh_token") === auth?.identityToken
      : request.headers.authorization === basic;
    const anonymous = !posted && request.headers.authorization === undefined && auth?.anonymous === true;
    if (auth === undefined || !(good || anonymous)) return errorAnswer(401, "UNAUTHORIZED");
    const token = randomBytes(24).toString("base64url");
    tokens.set(token, (posted ? form : query).get("scope") ?? "");
    return jsonAnswer({
      ...(posted ? { access_token: token } : { token }),
      ...(auth.expiresIn === undefined ? {} : { expires_in: auth.expiresIn }),
    });
  }

  return {
    set(given: UpstreamAuth | undefined) {
      auth = given;
    },
    /** Every token that was given so far is refused from now on. */
    revoke: () => tokens.clear(),
    challenge,
    token: asked,
    /** 401 for who may not; undefined: go on. */
    refusal(request: SeenRequest): Answer | undefined {
      if (auth === undefined) return undefined;
      const { authorization } = request.headers;
      const basic = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
      if (auth.way === "basic" && authorization === basic) return undefined;
      if (auth.way === "bearer" && typeof authorization === "string" && authorization.startsWith("Bearer ")) {
        const scope = tokens.get(authorization.slice("Bearer ".length));
        if (scope !== undefined && (request.repository === "" || scope.includes(`:${request.repository}:`)))
          return undefined;
      }
      return errorAnswer(401, "UNAUTHORIZED", { "www-authenticate": challenge(request) });
    },
  };
}
