/**
 * The parameters of a path like `/api/v1/users/{name}`, decoded; undefined: it is another path. What isn't rightly
 * encoded matches nothing.
 */
export function matchPath(pattern: string, path: string): Map<string, string> | undefined {
  const parts = path.split("/");
  const wanted = pattern.split("/");
  if (parts.length !== wanted.length) return undefined;
  const parameters = new Map<string, string>();
  for (const [at, want] of wanted.entries()) {
    const part = parts[at] ?? "";
    if (!want.startsWith("{")) {
      if (want !== part) return undefined;
      continue;
    }
    try {
      parameters.set(want.slice(1, -1), decodeURIComponent(part));
    } catch {
      return undefined;
    }
  }
  return parameters;
}
