import type { IncomingHttpHeaders } from "node:http";
import { allowanceOf } from "./allowance.ts";
import type { Dialling } from "./dialling.ts";
import { drain } from "./drain.ts";
import { follow } from "./follow.ts";
import type { Hop, HopBody, HopRequest } from "./hop.ts";
import type { Limiter } from "./limiter.ts";
import type { Asked } from "./network-fault.ts";
import type { Pass, SignIn } from "./sign-in.ts";
import { statusFault, wrong } from "./status-fault.ts";
import { steadyBody } from "./steady-body.ts";
import type { UpstreamParts } from "./upstream-parts.ts";

export interface Question {
  method: HopRequest["method"];
  /** Below the upstream's URL, with its query: `/v2/…`; or a place that the upstream named. */
  path: string | URL;
  /** Whose token it needs; "": none's. */
  repository: string;
  /** For messages. */
  what: string;
  headers?: Record<string, string>;
  /** Begins anew with each call: what is refused for want of a token is sent again. */
  body?: () => HopBody;
  /** Statuses that aren't a fault. @param own whether the upstream itself answered, not where it sent us */
  good(status: number, own: boolean): boolean;
  /** Sends no credentials, and doesn't sign in: 401 is an answer like others. */
  stranger?: boolean;
  signal: AbortSignal;
}

/**
 * An answer with a good status. Its body must be read, or let go by disposing: until then it holds one of the
 * upstream's places.
 */
export interface Answer extends AsyncDisposable {
  status: number;
  headers: IncomingHttpHeaders;
  asked: Asked;
  /** Chunks; see steady-body.ts. */
  body: AsyncIterable<Uint8Array>;
}

/** Asks the upstream: within its rate, signed in, redirects followed. Throws what core/upstream.ts says. */
export type Ask = (question: Question) => Promise<Answer>;

/** 401s to one request; each but the last led to something new to try. */
const mostTries = 4;
const nobody: Pass = { authorization: undefined, question: undefined, token: undefined, fresh: false };

export function createAsk(
  parts: Pick<UpstreamParts, "name" | "url" | "timeout" | "userAgent" | "onAllowance">,
  { dialling, limiter, signIn }: { dialling: Dialling; limiter: Limiter; signIn: SignIn },
): Ask {
  const base = parts.url.replace(/\/+$/, "");
  const own = new URL(base);

  async function send(question: Question, asked: Asked): Promise<Hop> {
    const { method, repository, signal, path } = question;
    const url = typeof path === "string" ? new URL(base + path) : path;
    const isOwn = url.origin === own.origin;
    const headers = { ...question.headers, "user-agent": parts.userAgent, "accept-encoding": "identity" };
    let pass = question.stranger === true ? nobody : await signIn.before(repository, asked, signal);
    for (let tries = 1; ; tries++) {
      await limiter.pace(signal);
      const authorization = isOwn ? pass.authorization : undefined;
      const body = question.body?.();
      const request = { method, url, headers, signal, authorization };
      const hop = await follow(dialling, body === undefined ? request : { ...request, body }, asked);
      if (hop.url.origin !== own.origin) return hop;
      const allowance = allowanceOf(hop.headers);
      if (allowance !== undefined) parts.onAllowance?.(allowance);
      if (hop.status !== 401 || tries === mostTries || question.stranger === true) return hop;
      await drain(hop.body);
      pass = await signIn.after(hop.headers, pass, repository, asked, signal);
    }
  }

  return async (question) => {
    const { signal } = question;
    const asked = { upstream: parts.name, what: question.what };
    const leave = await limiter.enter(signal);
    try {
      const hop = await send(question, asked);
      // However it ends: read, let go, broken, aborted.
      hop.body.once("close", leave);
      try {
        await judge(question, hop, hop.url.origin === own.origin, asked);
      } catch (error) {
        hop.body.destroy();
        throw error;
      }
      const { status, headers, body } = hop;
      return {
        ...{ status, headers, asked },
        body: steadyBody(body, { asked, host: hop.url.host, timeout: parts.timeout, signal }),
        async [Symbol.asyncDispose]() {
          // A HEAD's empty body has to be read to its end, else its connection ends with it.
          if (question.method !== "GET" || status === 304) await drain(body);
          else body.destroy();
        },
      };
    } catch (error) {
      leave();
      throw error;
    }
  };
}

async function judge(
  { good, method, signal }: Question,
  hop: Hop,
  own: boolean,
  asked: Asked,
): Promise<void> {
  const { status, headers } = hop;
  if (!good(status, own)) {
    const body = method === "HEAD" ? "" : await drain(hop.body);
    signal.throwIfAborted();
    throw statusFault(asked, { status, headers, host: hop.url.host, own, body });
  }
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if ((status === 200 || status === 206) && encoding !== "" && encoding !== "identity")
    throw wrong(asked, `it comes compressed (${encoding.slice(0, 40)}), which was not asked for`);
}
