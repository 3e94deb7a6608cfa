import type { Tag } from "#oci/reference.ts";

const form = /^(sha256|sha512)-([0-9a-f]{64})(?:\.[a-z]+)?$/;

/**
 * What a tag says something of, where its name tells: cosign's `sha256-<hex>.sig`, `.att` and `.sbom`, and
 * distribution-spec's "Referrers Tag Schema", which cuts longer digests to 64 characters. Undefined: it is an image's
 * own.
 */
export function attachedTo(tag: Tag): string | undefined {
  const [, algorithm, hex] = form.exec(tag) ?? [];
  return hex === undefined ? undefined : `${algorithm}:${hex}`;
}
