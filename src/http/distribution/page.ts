import { AppError } from "#core/errors.ts";
import type { Page } from "#core/metadata/repositories.ts";

/**
 * `n` and `last` of a listing. distribution-spec "Listing Tags": n=0 is legal, too large an n is clamped
 * to the server's page size. Throws page-invalid.
 */
export function pageOf(query: URLSearchParams, pageSize: number): Page {
  const n = query.get("n");
  const last = query.get("last") ?? undefined;
  if (n !== null && !/^\d{1,40}$/.test(n))
    throw new AppError("page-invalid", "n is not a whole number of entries, 0 or more");
  if (last !== undefined && hasControl(last))
    throw new AppError(
      "page-invalid",
      "last contains a control character; give the last entry of the page before",
    );
  return {
    limit: n === null ? pageSize : Math.min(Number(n), pageSize),
    last: last === "" ? undefined : last,
  };
}

/** A `Link` to the page after `last`. RFC 8288. Relative, like Location. */
export function nextLink(
  path: string,
  limit: number,
  last: string,
  more: Record<string, string> = {},
): string {
  const query = new URLSearchParams({ ...more, n: String(limit), last });
  return `<${path}?${query.toString()}>; rel="next"`;
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return true;
  return false;
}
