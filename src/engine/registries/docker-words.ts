import { AppError } from "#core/errors.ts";
import { registrySaid, type RegistrySaid } from "#core/upstream.ts";
import { familiar } from "#oci/image-reference.ts";

/** What was tried, for docker's messages. */
export interface Tried {
  does: "pull" | "push" | "sign-in";
  /** Origin of the registry: `https://registry-1.docker.io`. */
  url: string;
  /** `docker.io/library/busybox`, and with its tag or digest; empty of a sign-in. */
  name: string;
  qualified: string;
  /** Whether credentials were sent along. */
  known: boolean;
}

/** A failure of a registry, this one or another, in the words that dockerd has for it. */
export function dockerWords(error: unknown, tried: Tried): unknown {
  if (!(error instanceof AppError) || error.code.startsWith("engine-")) return error;
  const made = (code: AppError["code"], words: string) => new AppError(code, words, { cause: error });
  const said = registrySaid(error);
  switch (error.code) {
    case "upstream-unknown":
    case "manifest-unknown":
    case "repository-unknown":
      return made(tried.does === "pull" ? "engine-missing" : "engine-failed", unknownWords(tried, said));
    case "upstream-refused":
    case "denied":
    case "unauthenticated":
    case "too-many-attempts":
      return refusal(error, tried, said, made);
    case "upstream-limited":
      return made("engine-failed", `toomanyrequests: ${said?.message ?? error.message}`);
    case "upstream-failed":
      return made("engine-failed", networkWords(error, tried) ?? saidWords(said) ?? error.message);
    case "digest-mismatch":
      return made("engine-failed", `filesystem layer verification failed for digest ${error.subject ?? ""}`);
    default:
      return made("engine-failed", error.message);
  }
}

function unknownWords({ does, name, qualified }: Tried, said: RegistrySaid | undefined): string {
  const words = `${wordsOf(said?.code ?? "MANIFEST_UNKNOWN")}: ${said?.message ?? "manifest unknown"}`;
  if (does !== "pull") return words;
  return said?.code === "NAME_UNKNOWN"
    ? `repository ${familiar(name)} not found: ${words}`
    : `manifest for ${familiar(qualified)} not found: ${words}`;
}

/** Other codes than a missing image has are 500 there, so that a client doesn't ask for a password in between. */
function refusal(
  error: AppError,
  { does, url, name, known }: Tried,
  said: RegistrySaid | undefined,
  made: (code: AppError["code"], words: string) => AppError,
): AppError {
  const ours = error.code === "upstream-refused" ? said?.message : error.message;
  if (error.code === "too-many-attempts") return made("engine-failed", `toomanyrequests: ${error.message}`);
  if (does === "sign-in")
    return made(
      "unauthenticated",
      `Get "${url}/v2/": unauthorized: ${ours ?? "incorrect username or password"}`,
    );
  const isDenied = error.code === "denied" || said?.code === "DENIED" || said?.status === 403;
  const words = isDenied
    ? `denied: ${ours ?? "requested access to the resource is denied"}`
    : `unauthorized: ${ours ?? "authentication required"}`;
  if (does === "push" || (known && !isDenied)) return made("engine-failed", words);
  return made(
    "engine-missing",
    `pull access denied for ${familiar(name)}, repository does not exist or may require 'docker login': ` +
      (isDenied ? words : `denied: ${ours ?? "requested access to the resource is denied"}`),
  );
}

const timedOut =
  "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)";

/** Go's words for what happened below HTTP; undefined: there are none. */
function networkWords({ cause }: AppError, { url }: Tried): string | undefined {
  const text = cause instanceof Error ? cause.message : "";
  const host = new URL(url).hostname;
  const [, errno = "", address = host] = /^(\w+): (?:connect \w+ (\S+))?/.exec(text) ?? [];
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: `dial tcp ${address}: connect: connection refused`,
    EHOSTUNREACH: `dial tcp ${address}: connect: no route to host`,
    ENETUNREACH: `dial tcp ${address}: connect: network is unreachable`,
    ENOTFOUND: `dial tcp: lookup ${host}: no such host`,
    EAI_AGAIN: `dial tcp: lookup ${host}: Temporary failure in name resolution`,
    ETIMEDOUT: timedOut,
    UND_ERR_CONNECT_TIMEOUT: timedOut,
    UND_ERR_HEADERS_TIMEOUT: timedOut,
    DEPTH_ZERO_SELF_SIGNED_CERT: "x509: certificate signed by unknown authority",
    SELF_SIGNED_CERT_IN_CHAIN: "x509: certificate signed by unknown authority",
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: "x509: certificate signed by unknown authority",
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "x509: certificate signed by unknown authority",
    CERT_HAS_EXPIRED: "x509: certificate has expired or is not yet valid",
    ERR_TLS_CERT_ALTNAME_INVALID: `x509: certificate is not valid for ${host}`,
    ERR_SSL_WRONG_VERSION_NUMBER: "http: server gave HTTP response to HTTPS client",
    ERR_SSL_PACKET_LENGTH_TOO_LONG: "http: server gave HTTP response to HTTPS client",
  };
  const found = Object.hasOwn(words, errno) ? words[errno] : undefined;
  return found === undefined ? undefined : `Get "${url}/v2/": ${found}`;
}

function saidWords(said: RegistrySaid | undefined): string | undefined {
  return said?.code === undefined ? undefined : `${wordsOf(said.code)}: ${said.message ?? said.code}`;
}

function wordsOf(code: string): string {
  return code.toLowerCase().replaceAll("_", " ");
}
