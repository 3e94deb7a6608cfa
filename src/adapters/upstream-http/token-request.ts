import { AppError } from "#core/errors.ts";
import type { Dialling } from "./dialling.ts";
import { drain } from "./drain.ts";
import { sendHop, type Hop } from "./hop.ts";
import { failed, type Asked } from "./network-fault.ts";
import { limited } from "./status-fault.ts";
import type { UpstreamCredentials } from "./upstream-parts.ts";

export interface TokenQuestion {
  /** Checked. */
  realm: URL;
  service: string | undefined;
  scope: string | undefined;
  credentials: UpstreamCredentials | undefined;
}

export interface GivenToken {
  token: string;
  /** Seconds, as the server says. */
  expiresIn: number | undefined;
}

// RFC 6750 section 2.1; what is sent in a header must not end it.
const wellFormed = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * Asks a token server: GET with name and password or without, POST with a refresh token. Nowhere else than at the realm:
 * redirects aren't followed. Throws upstream-refused, upstream-limited, upstream-failed.
 */
export async function requestToken(
  dialling: Dialling,
  question: TokenQuestion,
  { userAgent, signal }: { userAgent: string; signal: AbortSignal },
  asked: Asked,
): Promise<GivenToken> {
  const { realm, credentials } = question;
  const headers: Record<string, string> = { "user-agent": userAgent, accept: "application/json" };
  const post = credentials !== undefined && "identityToken" in credentials;
  const url = new URL(realm);
  const form = new URLSearchParams();
  if (question.service !== undefined) form.set("service", question.service);
  for (const scope of post ? [question.scope ?? ""] : (question.scope ?? "").split(" "))
    if (scope !== "") form.append("scope", scope);
  let body: string | null = null;
  if (post) {
    form.set("grant_type", "refresh_token");
    form.set("client_id", "berth");
    form.set("refresh_token", credentials.identityToken);
    headers["content-type"] = "application/x-www-form-urlencoded";
    body = form.toString();
  } else {
    for (const [name, value] of form) url.searchParams.append(name, value);
    if (credentials !== undefined && "username" in credentials) headers.authorization = basicOf(credentials);
  }
  const hop = await sendHop(
    { timeout: dialling.timeout, choose: (target) => dialling.forToken(target) },
    { method: post ? "POST" : "GET", url, headers, body, signal },
    asked,
  );
  const text = await drain(hop.body);
  signal.throwIfAborted();
  return readAnswer(hop, text, credentials, asked);
}

function readAnswer(
  { status, headers, url: { host } }: Hop,
  text: string,
  credentials: UpstreamCredentials | undefined,
  asked: Asked,
): GivenToken {
  const { upstream, what } = asked;
  if (status === 429) throw limited(asked, headers);
  if (status >= 500 || status === 408) throw failed(asked, `its token server ${host} answers ${status}`);
  if (status >= 300 && status < 400)
    throw failed(asked, `its token server ${host} sends elsewhere (${status}), which is not followed`);
  if (status !== 200)
    throw new AppError(
      "upstream-refused",
      credentials === undefined
        ? `${upstream} doesn't give out ${what} to just anybody: its token server ${host} answers ${status}. Look at the name, or give the upstream credentials.`
        : `${upstream} doesn't take the upstream's credentials for ${what}: its token server ${host} answers ${status}.`,
      { subject: what },
    );
  let answer: Record<string, unknown> | null;
  try {
    answer = JSON.parse(text) as Record<string, unknown> | null;
  } catch {
    throw failed(asked, `the answer of its token server ${host} is not JSON`);
  }
  const token = answer?.token ?? answer?.access_token;
  if (typeof token !== "string" || !wellFormed.test(token))
    throw failed(asked, `the answer of its token server ${host} holds no token`);
  const expiresIn = answer?.expires_in;
  return {
    token,
    expiresIn: typeof expiresIn === "number" && Number.isFinite(expiresIn) ? expiresIn : undefined,
  };
}

export function basicOf({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
