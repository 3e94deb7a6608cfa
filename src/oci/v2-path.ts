/**
 * A request path under /v2/ becomes one typed value. Repository names may contain any of the route
 * words (`a/blobs/uploads` is a name), so the path is matched from its right end.
 * Nothing is checked here but the shape: `repository` and `reference` are raw, decoded text.
 */
export type V2Path =
  | { kind: "root" }
  | { kind: "catalog" }
  | { kind: "tags"; repository: string }
  | { kind: "manifest"; repository: string; reference: string }
  | { kind: "blob"; repository: string; digest: string }
  | { kind: "uploads"; repository: string }
  | { kind: "upload"; repository: string; upload: string }
  | { kind: "referrers"; repository: string; digest: string };

/** @param path the request target without its query, still percent-encoded. Undefined: no such route. */
export function parseV2Path(path: string): V2Path | undefined {
  if (path === "/v2" || path === "/v2/") return { kind: "root" };
  if (!path.startsWith("/v2/")) return undefined;
  if (path === "/v2/_catalog") return { kind: "catalog" };
  const at = [0, 0, 0];
  let end = path.length;
  for (let i = 0; i < 3; i++) {
    end = path.lastIndexOf("/", end - 1);
    at[i] = end;
    if (end < 4) break;
  }
  const [slash1 = 0, slash2 = 0, slash3 = 0] = at;
  if (slash1 <= 3 || slash2 < 3) return undefined;
  const last = path.slice(slash1 + 1);
  const word = path.slice(slash2 + 1, slash1);
  // slash2 is the slash before `word`; a name must stand between "/v2" and it.
  const name = (until: number) => decode(path.slice(4, Math.max(4, until)));

  if (word === "uploads" && slash3 >= 3 && path.slice(slash3 + 1, slash2) === "blobs") {
    const repository = name(slash3);
    const upload = decode(last);
    if (repository === undefined || upload === undefined) return undefined;
    return upload === "" ? { kind: "uploads", repository } : { kind: "upload", repository, upload };
  }
  if (slash2 <= 3) return undefined;
  const repository = name(slash2);
  const reference = decode(last);
  if (repository === undefined || reference === undefined || reference === "") return undefined;
  switch (word) {
    case "manifests":
      return { kind: "manifest", repository, reference };
    case "blobs":
      // Some clients leave the trailing slash of an upload's beginning away.
      return reference === "uploads"
        ? { kind: "uploads", repository }
        : { kind: "blob", repository, digest: reference };
    case "referrers":
      return { kind: "referrers", repository, digest: reference };
    case "tags":
      return reference === "list" ? { kind: "tags", repository } : undefined;
    default:
      return undefined;
  }
}

function decode(text: string): string | undefined {
  if (!text.includes("%")) return text;
  // An encoded slash is no separator: one repository has one address. Left as it is, no name matches it.
  if (/%2f/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
