import type { IncomingHttpHeaders } from "node:http";
import { withoutParameters } from "#oci/media-type.ts";
import { parseDigest, type Digest } from "#oci/digest.ts";

/** Docker-Content-Digest, where it is one. */
export function digestSaid(headers: IncomingHttpHeaders): Digest | undefined {
  const text = [headers["docker-content-digest"] ?? []].flat()[0];
  return text === undefined ? undefined : parseDigest(text.trim());
}

/** Content-Type without parameters. */
export function typeSaid(headers: IncomingHttpHeaders): string | undefined {
  const text = headers["content-type"];
  return text === undefined || text === "" ? undefined : withoutParameters(text);
}

/** Content-Length. */
export function lengthSaid(headers: IncomingHttpHeaders): number | undefined {
  return wholeNumber(headers["content-length"]);
}

/** Content-Range `bytes first-last/size`; `size` undefined: `*`. */
export function rangeSaid(
  headers: IncomingHttpHeaders,
): { first: number; size: number | undefined } | undefined {
  const [, first, last, size] =
    /^bytes\s+(\d+)-(\d+)\/(\d+|\*)$/i.exec(headers["content-range"]?.trim() ?? "") ?? [];
  const [from, to] = [wholeNumber(first), wholeNumber(last)];
  if (from === undefined || to === undefined || to < from) return undefined;
  return { first: from, size: wholeNumber(size) };
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+$/.test(text)) return undefined;
  return Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}
