import { AppError } from "#core/errors.ts";
import { AddressRefused } from "./checked-lookup.ts";

/** What was asked of whom, for messages. */
export interface Asked {
  /** The upstream's name. */
  upstream: string;
  /** `library/busybox:latest`, `the tags of library/busybox`. */
  what: string;
}

const certificate =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF))/;

/** A failure below HTTP as upstream-failed. @param host whom it was tried with: `host:port` */
export function networkFault(asked: Asked, host: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const refused = refusalIn(error);
  return failed(asked, refused === undefined ? wordsOf(host, error) : refusedWords(refused), error);
}

/** @param words what went wrong, without a full stop */
export function failed({ upstream, what }: Asked, words: string, cause?: unknown): AppError {
  return new AppError("upstream-failed", `${upstream} can't be asked for ${what}: ${words}.`, {
    ...{ subject: what, cause: plainCause(cause) },
  });
}

function refusedWords({ host, addresses }: AddressRefused): string {
  const where =
    addresses.length === 0
      ? `${host} has no address`
      : addresses.length === 1 && addresses[0] === host
        ? `${host} is no public address`
        : `none of the addresses of ${host} is public (${addresses.slice(0, 4).join(", ")})`;
  return `${where}; if it may be dialled, name it in allow_addresses`;
}

function wordsOf(host: string, error: unknown): string {
  const code = codeOf(error) ?? "";
  if (code === "ENOTFOUND" || code === "ENODATA") return `the name ${host} is not known; look at its url`;
  if (code === "EAI_AGAIN") return `the name ${host} can't be looked up; no name server answers`;
  if (code === "ECONNREFUSED") return `${host} refuses connections`;
  if (code === "ENETUNREACH" || code === "EHOSTUNREACH") return `there is no way to ${host}`;
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT") return `${host} can't be reached in time`;
  if (code === "UND_ERR_HEADERS_TIMEOUT") return `${host} doesn't answer in time`;
  if (code === "UND_ERR_BODY_TIMEOUT") return `the answer of ${host} stalled`;
  if (code === "UND_ERR_PRX_CONN" || code === "UND_ERR_ABORTED")
    return `the proxy doesn't connect to ${host}`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `the certificate of ${host} is for other names`;
  if (code === "CERT_HAS_EXPIRED") return `the certificate of ${host} has expired`;
  if (certificate.test(code))
    return `the certificate of ${host} is of no CA that is known here; name its CA in ca`;
  if (code.startsWith("ERR_SSL") || code === "EPROTO") return `${host} doesn't speak TLS as it should`;
  if (code.startsWith("HPE_") || (error instanceof Error && error.name === "HTTPParserError"))
    return `${host} doesn't answer in HTTP`;
  if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED") return "the connections are being closed";
  return `the connection to ${host} broke off`;
}

/** Whether the connection broke, so that a new one may do: a kept one may have ended when the request went out. */
export function isReset(error: unknown): boolean {
  return ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(codeOf(error) ?? "");
}

export function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0)
    return codeOf(error.errors[0]) ?? stringIn(error, "code");
  return stringIn(error, "code");
}

function refusalIn(error: unknown): AddressRefused | undefined {
  for (let each = error; each instanceof Error; each = each.cause)
    if (each instanceof AddressRefused) return each;
  return undefined;
}

function stringIn(value: unknown, key: string): string | undefined {
  const found =
    typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof found === "string" ? found : undefined;
}

/** For the log: what it was, without the sockets, bytes and addresses with queries that errors carry along. */
function plainCause(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  const words = error.message.slice(0, 300).replace(/\?[^\s"']*/g, "?…");
  const plain = new Error(code === undefined ? words : `${code}: ${words}`);
  if (error.stack !== undefined) plain.stack = error.stack.replace(/\?[^\s"')]*/g, "?…");
  return plain;
}
