import { setTimeout as sleep } from "node:timers/promises";

/** How long a request may take and how often it is tried again. Times are ms. */
export interface Patience {
  /** Tries of one request in all. */
  attempts: number;
  /** The first pause is up to so long; each further one up to twice as long. */
  pause: number;
  longestPause: number;
  /** Of one try, without what its bytes take. */
  deadline: number;
  /** The slowest link that isn't taken for a dead one, bytes a second. */
  slowest: number;
}

export const patience: Patience = {
  attempts: 6,
  pause: 200,
  longestPause: 10_000,
  deadline: 20_000,
  slowest: 512 * 1024,
};

/** An answer that came whole but can't be right, such as a list that stops without saying where it goes on. */
export class BrokenAnswer extends Error {
  override name = "BrokenAnswer";
}

/** What is known of a failed request, whatever threw it. */
export interface Failure {
  /** S3's word, `SlowDown`, or the system's, `ECONNRESET`. */
  name: string;
  /** Of the answer; undefined when none came. */
  status: number | undefined;
}

export function failureOf(error: unknown): Failure {
  const { name, Code, code, $metadata } = error as {
    name?: string;
    Code?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const system = typeof code === "string" ? code : undefined;
  return { name: Code ?? (name === "Error" ? system : name) ?? "Error", status: $metadata?.httpStatusCode };
}

const transient = new Set([
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "RequestLimitExceeded",
  "RequestTimeout",
  "RequestTimeTooSkewed",
  "InternalError",
  "ServiceUnavailable",
  "OperationAborted",
  "BadDigest",
  "IncompleteBody",
  "XAmzContentChecksumMismatch",
]);

/** Whether the same request may succeed in a moment: overload, faults of the server, of the way there and back. */
export function isTransient(error: unknown): boolean {
  const { name, status } = failureOf(error);
  if (error instanceof BrokenAnswer || transient.has(name)) return true;
  if (name.startsWith("Credentials") || /^(CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_)/.test(name))
    return false;
  // Without an answer the connection failed; an answer that is a success but can't be read was cut short.
  return status === undefined || status === 429 || status >= 500 || status < 300;
}

/**
 * Runs one request until it succeeds, fails for good, or the tries are used up; each with a deadline.
 * @param bytes that it carries, for which a slow link gets more time.
 */
export async function retried<T>(
  { attempts, pause, longestPause, deadline, slowest }: Patience,
  bytes: number,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), deadline + (bytes / slowest) * 1000);
    try {
      return await request(late.signal);
    } catch (error) {
      if (attempt >= attempts || !isTransient(error)) throw error;
    } finally {
      clearTimeout(timer);
    }
    // Full jitter: servers that were turned away together don't come back together.
    await sleep(Math.random() * Math.min(longestPause, pause * 2 ** (attempt - 1)));
  }
}
