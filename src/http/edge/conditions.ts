/** Conditional requests, RFC 9110 section 13. An entity tag is the quoted digest. */

export function entityTag(digest: string): string {
  return `"${digest}"`;
}

/** Whether If-None-Match names this entity (weak comparison): the answer is 304. */
export function noneMatch(header: string | undefined, tag: string): boolean {
  if (header === undefined || header === "") return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((entry) => entry.trim().replace(/^W\//, "") === tag);
}

/** Whether a Range may be honoured: no If-Range, or exactly this entity (strong comparison). */
export function rangeHolds(ifRange: string | undefined, tag: string): boolean {
  return ifRange === undefined || ifRange === "" || ifRange.trim() === tag;
}
