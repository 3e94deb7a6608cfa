import { AppError } from "#core/errors.ts";
import { isAlgorithm, parseDigest, type Algorithm, type Digest } from "#oci/digest.ts";
import { parseRepositoryName, parseTag, type RepositoryName, type Tag } from "#oci/reference.ts";

/** Text from the URL into checked values: parse at the door, trust inside. */

export function repositoryOf(text: string): RepositoryName {
  const name = parseRepositoryName(text);
  if (name !== undefined) return name;
  throw new AppError(
    "name-invalid",
    `${show(text)} is not a repository name: lower-case letters, digits, and single . _ __ - between them, ` +
      `components joined by /, 255 characters at most`,
    { subject: show(text) },
  );
}

export function digestOf(text: string): Digest {
  const digest = parseDigest(text);
  if (digest !== undefined) return digest;
  throw new AppError(
    "digest-invalid",
    `${show(text)} is not a digest: it takes sha256: and 64, or sha512: and 128 lower-case hex digits`,
    { subject: show(text) },
  );
}

/** The one `digest` parameter. Undefined when there is none; two are refused. */
export function digestParameter(query: URLSearchParams): Digest | undefined {
  const given = query.getAll("digest");
  if (given.length > 1) throw new AppError("digest-invalid", "the digest parameter is given more than once");
  return given[0] === undefined ? undefined : digestOf(given[0]);
}

export function algorithmParameter(query: URLSearchParams): Algorithm | undefined {
  const text = query.get("digest-algorithm");
  if (text === null) return undefined;
  if (isAlgorithm(text)) return text;
  throw new AppError(
    "digest-invalid",
    `${show(text)} is not a digest algorithm of this registry: sha256, sha512`,
  );
}

/** What has a colon must be a digest; else it must be a tag, or nothing can be there. */
export function referenceOf(text: string, otherwise: (shown: string) => AppError): Digest | Tag {
  if (text.includes(":")) return digestOf(text);
  const tag = parseTag(text);
  if (tag === undefined) throw otherwise(show(text));
  return tag;
}

export function tagOf(text: string): Tag {
  const tag = parseTag(text);
  if (tag !== undefined) return tag;
  throw tagInvalid(show(text));
}

export function tagInvalid(shown: string): AppError {
  return new AppError(
    "tag-invalid",
    `${shown} is not a tag: letters, digits, _ . -, not beginning with . or -, 128 characters at most`,
    { subject: shown },
  );
}

/** Client text as part of a message: bounded, visible. */
function show(text: string): string {
  const clipped = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return JSON.stringify(clipped);
}
