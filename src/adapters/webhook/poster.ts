/**
 * Posts to webhooks' targets. Owns connections and time limits; knows no events. A target gets exactly the request that
 * was asked for: redirects aren't followed, certificates are checked, and of its answer only the beginning is read.
 */
import { createSecureContext, getCACertificates } from "node:tls";
import { Agent, request } from "undici";
import { faultWords } from "./fault-words.ts";

export interface PosterParts {
  /** http or https. */
  url: string;
  /** PEM of further CAs. */
  ca: string | undefined;
  /** For connecting, sending, and the whole answer, ms. */
  timeout: number;
}

export interface Post {
  headers: Readonly<Record<string, string>>;
  body: string;
}

export type Answer =
  | {
      status: number;
      /** What `Retry-After` asks for, ms. */
      retryAfter: number | undefined;
    }
  /** Why there was none, for people. */
  | { status: undefined; fault: string };

export interface Poster extends AsyncDisposable {
  /** Rejects only with the signal's reason. */
  post(post: Post, signal: AbortSignal): Promise<Answer>;
}

/** Bytes of an answer that are read: so that the connection can be used again. */
const mostRead = 4 * 1024;

export function createPoster({ url, ca, timeout }: PosterParts): Poster {
  const secureContext =
    ca === undefined
      ? {}
      : { secureContext: createSecureContext({ ca: [...getCACertificates("default"), ca] }) };
  const agent = new Agent({
    connections: 1,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    connect: { timeout, allowH2: false, ...secureContext },
  });
  return {
    async post({ headers, body }, signal) {
      const late = AbortSignal.timeout(timeout);
      const both = AbortSignal.any([signal, late]);
      try {
        const answer = await request(url, {
          ...{ method: "POST", dispatcher: agent, headers, body, signal: both },
          ...{ headersTimeout: timeout, bodyTimeout: timeout },
        });
        await readSome(answer.body);
        return { status: answer.statusCode, retryAfter: retryAfter(answer.headers["retry-after"]) };
      } catch (error) {
        signal.throwIfAborted();
        const fault = late.aborted ? `it didn't answer within ${timeout / 1_000} s` : faultWords(error);
        return { status: undefined, fault };
      }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

async function readSome(body: AsyncIterable<Uint8Array>): Promise<void> {
  let read = 0;
  for await (const chunk of body) {
    read += chunk.byteLength;
    // Leaving the loop ends the connection.
    if (read > mostRead) return;
  }
}

/** Seconds, or a date (RFC 9110 section 10.2.3), as ms from now. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  const text = String(header ?? "").trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
