import { AppError } from "#core/errors.ts";
import { parseDigest, type Digest } from "#oci/digest.ts";
import { parseRepositoryName, parseTag, type RepositoryName, type Tag } from "#oci/reference.ts";
import type { SearchedPage } from "./needs.ts";

/** Text of queries and bodies into checked values. */

const standardPage = 50;
const largestPage = 200;
const longestSearch = 255;

export function repositoryOf(text: string | null | undefined): RepositoryName {
  const name = parseRepositoryName(text ?? "");
  if (name !== undefined) return name;
  throw new AppError("name-invalid", `repository is ${shown(text)}, which is no name of a repository`);
}

export function tagOf(text: string | null | undefined): Tag {
  const tag = parseTag(text ?? "");
  if (tag !== undefined) return tag;
  throw new AppError(
    "tag-invalid",
    `${shown(text)} is no tag: letters, digits, _ . -, not beginning with . or -, 128 characters at most`,
  );
}

export function digestOf(text: string | null | undefined): Digest {
  const digest = parseDigest(text ?? "");
  if (digest !== undefined) return digest;
  throw new AppError("digest-invalid", `${shown(text)} is not a digest`);
}

export function referenceOf(text: string | null | undefined): Digest | Tag {
  return (text ?? "").includes(":") ? digestOf(text) : tagOf(text);
}

/** `n`, `last`, `contains` of a list. Throws page-invalid. */
export function pageOf(query: URLSearchParams): SearchedPage {
  const contains = query.get("contains") ?? "";
  if (contains.length > longestSearch)
    throw new AppError("page-invalid", `contains has more than ${longestSearch} characters`);
  const last = query.get("last") ?? "";
  // No name holds it, and PostgreSQL takes no text with it.
  if (contains.includes("\0") || last.includes("\0"))
    throw new AppError("page-invalid", "contains and last are texts without NUL");
  return {
    limit: limitOf(query),
    last: last === "" ? undefined : last,
    contains: contains === "" ? undefined : contains,
  };
}

/** As `pageOf` for lists whose `last` is an id. */
export function idPageOf(query: URLSearchParams): { limit: number; after: number | undefined } {
  const last = query.get("last") ?? "";
  if (last !== "" && !/^\d{1,15}$/.test(last)) throw new AppError("page-invalid", "last is not an id");
  return { limit: limitOf(query), after: last === "" ? undefined : Number(last) };
}

function limitOf(query: URLSearchParams): number {
  const n = query.get("n");
  if (n !== null && !/^[1-9]\d{0,8}$/.test(n))
    throw new AppError("page-invalid", "n is how many are wanted at most, from 1");
  return n === null ? standardPage : Math.min(largestPage, Number(n));
}

/** Client text as part of a message: bounded, visible. */
function shown(text: string | null | undefined): string {
  if (text === null || text === undefined || text === "") return "missing";
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
