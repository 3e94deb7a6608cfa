import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "#core/errors.ts";
import type { RegistrySaid } from "#core/upstream.ts";
import { retryAfterOf } from "./allowance.ts";
import { failed, type Asked } from "./network-fault.ts";

/** Codes of the registries' error body (distribution-spec "Error Codes") that mean: there is no such thing. */
const unknownCodes = new Set([
  "NAME_INVALID",
  "NAME_UNKNOWN",
  "TAG_INVALID",
  "MANIFEST_UNKNOWN",
  "BLOB_UNKNOWN",
]);

/**
 * What a status that isn't the wished one means.
 * @param host who answered
 * @param own whether that is the upstream itself, not where it sent us
 * @param body as much of it as was read
 */
export function statusFault(
  asked: Asked,
  {
    status,
    headers,
    host,
    own,
    body,
  }: {
    status: number;
    headers: IncomingHttpHeaders;
    host: string;
    own: boolean;
    body: string;
  },
): AppError {
  const { upstream, what } = asked;
  const parts = { subject: what, cause: answered(status, body) };
  const who = own ? upstream : `${host}, where ${upstream} keeps it,`;
  // What is missing where the upstream sent us may still be there tomorrow.
  if (!own && (status === 404 || status === 410)) return failed(asked, `${who} answers ${status}`);
  if (status === 404 || status === 410 || (status === 400 && unknownCodes.has(errorCode(body) ?? "")))
    return new AppError("upstream-unknown", `${upstream} has no ${what}.`, parts);
  if (status === 401 || status === 403 || status === 451)
    return new AppError(
      "upstream-refused",
      own
        ? `${upstream} doesn't give out ${what} (${status}): look at the name and at the upstream's credentials.`
        : `${who} doesn't give out ${what} (${status}).`,
      parts,
    );
  if (status === 429) return limited(asked, headers);
  if (status === 416) return wrong(asked, "it has fewer bytes than were already had of it");
  if (status === 407) return failed(asked, "the proxy wants other credentials; look at its url");
  const { message } = failed(asked, `${who} answers ${status}`.replace(`${upstream} answers`, "it answers"));
  return new AppError("upstream-failed", message, parts);
}

export function limited({ upstream, what }: Asked, headers: IncomingHttpHeaders): AppError {
  const retryAfter = retryAfterOf(headers);
  const when = retryAfter === undefined ? "later" : `in ${retryAfter} s`;
  return new AppError(
    "upstream-limited",
    `${upstream} has been asked too often (429), now for ${what}: try again ${when}; with credentials it may allow more.`,
    { subject: what, ...(retryAfter === undefined ? {} : { retryAfter }) },
  );
}

/** An answer that no registry gives. @param words what it is, without a full stop */
export function wrong({ upstream, what }: Asked, words: string): AppError {
  return new AppError("upstream-wrong", `${upstream} gives no good answer for ${what}: ${words}.`, {
    subject: what,
  });
}

/** The first code of an error body. */
export function errorCode(body: string): string | undefined {
  return firstError(body).code;
}

/** For the log, and for docker's messages. */
function answered(status: number, body: string): Error & { said: RegistrySaid } {
  const { code, message } = firstError(body);
  const words = [status, code, message].filter((word) => word !== undefined);
  return Object.assign(new Error(words.join(" ")), { said: { status, code, message } });
}

const longestMessage = 500;

function firstError(body: string): { code: string | undefined; message: string | undefined } {
  try {
    const { errors } = JSON.parse(body) as { errors?: { code?: unknown; message?: unknown }[] };
    const { code, message } = errors?.[0] ?? {};
    return {
      code: typeof code === "string" ? code.slice(0, 100) : undefined,
      message: typeof message === "string" ? message.slice(0, longestMessage) : undefined,
    };
  } catch {
    return { code: undefined, message: undefined };
  }
}
