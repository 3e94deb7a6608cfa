import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { untilAborted } from "#kit/until-aborted.ts";
import { isReset, networkFault, type Asked } from "./network-fault.ts";

/** One request and the head of its answer. Its body must be read, or destroyed. */
export interface Hop {
  url: URL;
  status: number;
  headers: IncomingHttpHeaders;
  body: Readable;
}

export type HopBody = string | Uint8Array | AsyncIterable<Uint8Array>;

export interface HopRequest {
  method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  url: URL;
  headers: Record<string, string>;
  /** Of a POST, PATCH or PUT. What isn't a string goes out once: a connection that breaks is not tried again. */
  body?: HopBody;
  signal: AbortSignal;
}

// What may wait here of a body while nobody reads.
const ahead = 256 * 1024;

/**
 * Sends one request; of the answers any is good. A connection that breaks before the answer is tried once more: it may
 * have been kept for too long. Errors: upstream-failed; the signal's reason.
 * @param way timeout: ms of silence; choose throws where the address may not be dialled
 */
export async function sendHop(
  way: { timeout: number; choose: (url: URL) => Dispatcher },
  { method, url, headers, body = null, signal }: Omit<HopRequest, "body"> & { body?: HopBody | null },
  asked: Asked,
): Promise<Hop> {
  const once = async (): Promise<Hop> => {
    // The library itself notices a signal only once it is connected.
    const answer = await untilAborted(
      way.choose(url).request({
        ...{ origin: url.origin, path: url.pathname + url.search, method, headers, signal },
        body:
          body === null || typeof body === "string" || body instanceof Uint8Array
            ? body
            : Readable.from(body),
        ...{ headersTimeout: way.timeout, bodyTimeout: way.timeout, highWaterMark: ahead },
        // Without this every HEAD ends its connection.
        reset: false,
      }),
      signal,
    );
    // Without a listener an answer that breaks off before somebody reads it would end the process.
    answer.body.on("error", () => undefined);
    return { url, status: answer.statusCode, headers: answer.headers, body: answer.body };
  };
  try {
    return await once().catch((error: unknown) => {
      if (signal.aborted || !isReset(error) || (body !== null && typeof body !== "string")) throw error;
      return once();
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw networkFault(asked, url.host, error);
  }
}
