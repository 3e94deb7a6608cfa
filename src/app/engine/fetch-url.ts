import { AppError } from "#core/errors.ts";

/** For `docker import URL`: its body as it comes. Throws engine-failed with words. */
export async function fetchUrl(url: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const failed = (why: string, cause?: unknown) =>
    new AppError("engine-failed", `error downloading ${url}: ${why}`, { cause });
  if (!/^https?:\/\//i.test(url)) throw new AppError("engine-invalid", `${url} is no URL of http or https`);
  let answer: Response;
  try {
    answer = await fetch(url, signal === undefined ? {} : { signal });
  } catch (cause) {
    const { cause: reason } = cause as { cause?: unknown };
    throw failed(reason instanceof Error ? reason.message : String(cause), cause);
  }
  if (!answer.ok || answer.body === null) throw failed(`the server answered ${answer.status}`);
  return answer.body;
}
