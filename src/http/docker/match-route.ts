import type { DockerRoute } from "./request.ts";

export type MatchRoute = (
  method: string,
  path: string,
) => { route: DockerRoute; ref: string | undefined } | undefined;

/**
 * Finds a path's row. A parameter takes slashes too (`/images/localhost:5001/a/b/push`), as much as it can: the row's
 * last words are matched from the right. Rows without a parameter come first. `ref` is undefined where the
 * parameter's escapes are broken.
 */
export function createMatchRoute(routes: readonly DockerRoute[]): MatchRoute {
  const literal = new Map<string, DockerRoute>();
  const patterns: { route: DockerRoute; before: string; after: string }[] = [];
  for (const route of routes) {
    const [before = "", after] = route.path.split(/\{\w+\}/);
    if (after === undefined) literal.set(`${route.method} ${route.path}`, route);
    else patterns.push({ route, before, after });
  }
  // The longest ending first: `/exec/{id}/json` before `/exec/{id}`.
  patterns.sort((a, b) => b.after.length - a.after.length);
  return (method, path) => {
    const exact = literal.get(`${method} ${path}`);
    if (exact !== undefined) return { route: exact, ref: "" };
    for (const { route, before, after } of patterns) {
      if (route.method !== method || path.length <= before.length + after.length) continue;
      if (path.startsWith(before) && path.endsWith(after))
        return { route, ref: decoded(path.slice(before.length, path.length - after.length)) };
    }
    return undefined;
  };
}

function decoded(text: string): string | undefined {
  try {
    // Lists give names with a slash in front.
    return decodeURIComponent(text).replace(/^\//, "");
  } catch {
    return undefined;
  }
}
