import type { OutgoingHttpHeaders } from "node:http";

/** What a request is for. `elsewhere`: a path that no registry has, such as where a redirect points. */
export type Kind =
  "base" | "head-manifest" | "manifest" | "head-blob" | "blob" | "tags" | "referrers" | "token" | "elsewhere";

/** A request as it came, and what was sent back. */
export interface SeenRequest {
  kind: Kind;
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string | string[] | undefined>;
  /** Of a POST. */
  body: string;
  repository: string;
  /** Tag or digest; of a token request empty. */
  reference: string;
  /** Of the answer; 0 where there was none (yet). */
  status: number;
  /** Of the answer's body, so far. */
  bytes: number;
}

/**
 * What the upstream does wrong, or just otherwise, with a request. Several may hold at once: the content's
 * first (`gzip`), then how it goes out (`pace`).
 */
export type Fault =
  /** The body's last byte is another; lengths and digests are said as if it were right. */
  | "wrong-digest"
  /** Half of the body / some bytes more, with a Content-Length that fits what is sent. */
  | "short"
  | "long"
  /** Content-Length says more than comes, then the connection ends / less than is sent. */
  | "length-too-long"
  | "length-too-short"
  /** Chunked; a HEAD says no length. */
  | "no-length"
  | "gzip"
  /** No Docker-Content-Digest / that of something else. */
  | "no-digest"
  | "other-digest"
  /** A sign-in page with 200. */
  | "html"
  /** Random bytes, chunked, until the client leaves. */
  | "endless"
  /** One byte a second. */
  | "drip"
  /** No answer until the client leaves. */
  | "silence"
  /** RST instead of an answer / after half of the body. */
  | "reset"
  | "reset-mid-body"
  /** Range is not looked at / 206 of other bytes than asked for. */
  | "no-ranges"
  | "wrong-range"
  /** A Docker schema 1 manifest, whatever was asked for. */
  | "foreign-type"
  /** 404 with the error of the kind. */
  | "gone"
  /** 401 with the challenge, whatever token was sent. */
  | "unauthorized"
  /** To the same place, for ever. */
  | "redirect-loop"
  /** An answer of one's own: 429, 500, … `retry-after` among the headers. */
  | { status: number; headers?: OutgoingHttpHeaders; body?: string }
  /** 307 (or `status`) with this Location. */
  | { redirect: string; code?: number }
  /** 401 with this WWW-Authenticate. */
  | { challenge: string }
  /** Served well, with further headers (`ratelimit-remaining`). */
  | { headers: OutgoingHttpHeaders }
  /** Bytes a second. */
  | { pace: number }
  /** RST after so many bytes of the body. */
  | { resetAfter: number }
  /** So many bytes of the body, then nothing until the promise resolves. 0: not even the head goes out before. */
  | { holdAt: number; until: Promise<unknown> };

export type Faults = Fault | readonly Fault[];
