import type { IncomingHttpHeaders } from "node:http";
import type { UpstreamAllowance } from "#core/upstream.ts";

const day = 86_400;

/** What an answer tells of how much may still be asked: `ratelimit-remaining: 100;w=21600`. */
export function allowanceOf(headers: IncomingHttpHeaders): UpstreamAllowance | undefined {
  const remaining = numberIn(/^\s*(\d{1,12})/, headers["ratelimit-remaining"]);
  if (remaining === undefined) return undefined;
  const resets =
    numberIn(/^\s*(\d{1,12})/, headers["ratelimit-reset"]) ??
    numberIn(/;\s*w\s*=\s*(\d{1,12})/i, headers["ratelimit-remaining"]) ??
    numberIn(/;\s*w\s*=\s*(\d{1,12})/i, headers["ratelimit-limit"]);
  return { remaining, resets: resets === undefined ? undefined : Math.min(resets, day) };
}

/** Seconds that Retry-After asks for (RFC 9110 section 10.2.3), a day at most; undefined: it doesn't say. */
export function retryAfterOf(headers: IncomingHttpHeaders, now = Date.now()): number | undefined {
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(text)) return Math.min(Number(text), day);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(0, Math.ceil((at - now) / 1000)), day);
}

function numberIn(pattern: RegExp, value: string | string[] | undefined): number | undefined {
  const found = pattern.exec([value ?? []].flat()[0] ?? "")?.[1];
  return found === undefined ? undefined : Number(found);
}
