export interface FetchJsonOptions {
  /** Longest answer, bytes. */
  limit?: number;
  /** For the whole exchange, ms. */
  timeout?: number;
}

/** How JSON is got from an address that the configuration names. */
export type FetchJson = (url: string, signal?: AbortSignal) => Promise<unknown>;

/**
 * JSON of another server. Bounded in time and bytes; redirects aren't followed, so that what the
 * configuration names is what is asked. Rejects with an Error in words: the address and what was wrong.
 */
export function createFetchJson({ limit = 512 * 1024, timeout = 10_000 }: FetchJsonOptions = {}): FetchJson {
  return async (url, signal) => {
    const ended = AbortSignal.timeout(timeout);
    const both = signal === undefined ? ended : AbortSignal.any([signal, ended]);
    try {
      const answer = await fetch(url, {
        signal: both,
        redirect: "manual",
        headers: { accept: "application/json, application/jwk-set+json;q=0.9, */*;q=0.1" },
      });
      if (answer.status !== 200) {
        await answer.body?.cancel();
        const where = answer.headers.get("location");
        throw new Error(
          where === null
            ? `it answered ${answer.status}`
            : `it answered ${answer.status} and points to ${where.slice(0, 200)}, which is not followed`,
        );
      }
      return JSON.parse(await textOf(answer, limit)) as unknown;
    } catch (error) {
      throw new Error(
        `${url} can't be read: ${ended.aborted ? `no whole answer in ${timeout / 1000} s` : wordsOf(error)}`,
        {
          cause: error,
        },
      );
    }
  };
}

async function textOf(answer: Response, limit: number): Promise<string> {
  if (answer.body === null) return "";
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    // Leaving the loop cancels the body.
    if (length > limit) throw new Error(`its answer is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length).toString("utf8");
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof SyntaxError) return "its answer is not JSON";
  // fetch says only "fetch failed"; why is underneath.
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
