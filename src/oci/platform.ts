/** What an image runs on. image-spec image-index.md "platform"; only what selects a child of an index. */
export interface Platform {
  os: string;
  architecture: string;
  variant: string | undefined;
}

const written = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9.]+))?$/;

/** `linux/amd64`, `linux/arm/v7`; undefined: that is none. */
export function parsePlatform(text: string): Platform | undefined {
  const [, os, architecture, variant] = written.exec(text) ?? [];
  return os === undefined || architecture === undefined ? undefined : { os, architecture, variant };
}

/**
 * Whether `has` is what somebody wants who wrote `wanted`. An architecture that has a usual variant means it where none
 * is named, on either side: arm64 v8, arm v7, amd64 v1. Of the others every variant is meant.
 */
export function matchesPlatform(wanted: Platform, has: Platform): boolean {
  const [asked, given] = [usual(wanted), usual(has)];
  return (
    asked.os === given.os &&
    asked.architecture === given.architecture &&
    (asked.variant === undefined || asked.variant === given.variant)
  );
}

/** Not an image: how indexes mark what docker's BuildKit puts beside images (attestations). */
export function isUnknownPlatform({ os, architecture }: Platform): boolean {
  return os === "unknown" && architecture === "unknown";
}

const variants: Readonly<Record<string, string>> = { arm64: "v8", arm: "v7", amd64: "v1" };
/** As uname and others call them. */
const aliases: Readonly<Record<string, string>> = { aarch64: "arm64", x86_64: "amd64" };

function usual({ os, architecture, variant }: Platform): Platform {
  const name = Object.hasOwn(aliases, architecture) ? aliases[architecture] : architecture;
  const known = name ?? architecture;
  return {
    os,
    architecture: known,
    variant: variant || (Object.hasOwn(variants, known) ? variants[known] : undefined),
  };
}
