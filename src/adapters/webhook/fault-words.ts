const certificate =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF))/;

/** Why a request had no answer, for people; without addresses, whose queries may be secret. */
export function faultWords(error: unknown): string {
  const code = codeOf(error) ?? "";
  if (code === "ENOTFOUND" || code === "ENODATA") return "the name of its host is not known";
  if (code === "EAI_AGAIN") return "the name of its host can't be looked up; no name server answers";
  if (code === "ECONNREFUSED") return "it refuses connections";
  if (code === "ENETUNREACH" || code === "EHOSTUNREACH") return "there is no way to it";
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT") return "it can't be reached in time";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "its certificate is for other names";
  if (code === "CERT_HAS_EXPIRED") return "its certificate has expired";
  if (certificate.test(code)) return "its certificate is of no CA that is known here; name its CA in ca";
  if (code.startsWith("ERR_SSL") || code === "EPROTO") return "it doesn't speak TLS as it should";
  if (code.startsWith("HPE_") || (error instanceof Error && error.name === "HTTPParserError"))
    return "it doesn't answer in HTTP";
  if (["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(code)) return "the connection broke off";
  return `the request failed${code === "" ? "" : ` (${code})`}`;
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (typeof error !== "object" || error === null) return undefined;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return typeof code === "string" ? code : codeOf(cause);
}
