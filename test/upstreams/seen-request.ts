/** A request that reached an upstream. */
export interface SeenRequest {
  method: string;
  /** With its query, as it came. */
  path: string;
  kind: RequestKind;
  /** Of /v2/ requests: the repository, and the tag, digest or upload after it. */
  repository: string;
  reference: string;
  /** The Authorization header, if there was one. */
  authorization: string | undefined;
  /** Of the answer; 0 until there is one. */
  status: number;
  /** Of the answer's body, so far. */
  bytes: number;
}

/** `base` is /v2/ itself; `other` what isn't below it, the token endpoint among it. */
export type RequestKind = "base" | "manifest" | "blob" | "upload" | "tags" | "referrers" | "other";

const kinds: readonly [RequestKind, RegExp][] = [
  ["upload", /^\/v2\/(.+)\/blobs\/uploads\/(.*)$/],
  ["blob", /^\/v2\/(.+)\/blobs\/([^/]+)$/],
  ["manifest", /^\/v2\/(.+)\/manifests\/([^/]+)$/],
  ["tags", /^\/v2\/(.+)\/tags\/(list)$/],
  ["referrers", /^\/v2\/(.+)\/referrers\/([^/]+)$/],
  ["base", /^\/v2\/?()()$/],
];

export function seenRequest(method: string, path: string, authorization: string | undefined): SeenRequest {
  const [plain = ""] = path.split("?");
  const rest = { method, path, authorization, status: 0, bytes: 0 };
  for (const [kind, pattern] of kinds) {
    const [whole, repository = "", reference = ""] = pattern.exec(plain) ?? [];
    if (whole !== undefined) return { ...rest, kind, repository, reference };
  }
  return { ...rest, kind: "other", repository: "", reference: "" };
}
