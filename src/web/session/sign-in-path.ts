import type { Place } from "../route/place.ts";

/** The sign-in page that leads back to the place. */
export function signInPath({ path, search }: Place): string {
  if (path === "/sign-in") return path;
  const back = search.size === 0 ? path : `${path}?${search.toString()}`;
  return back === "/" ? "/sign-in" : `/sign-in?then=${encodeURIComponent(back)}`;
}

/** Where the sign-in page leads: to a place of this page, whatever the address says. */
export function backFrom(search: URLSearchParams): string {
  const then = search.get("then") ?? "/";
  // `//host` and `/\host` are other people's.
  return /^\/(?![/\\])/.test(then) ? then : "/";
}
