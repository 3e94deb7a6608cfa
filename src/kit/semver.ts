/** A version by Semantic Versioning 2.0.0, without build metadata. Numbers are digits: they may be longer than a number holds. */
export interface Version {
  readonly major: string;
  readonly minor: string;
  readonly patch: string;
  /** Identifiers of a prerelease; empty: a release. */
  readonly prerelease: readonly string[];
}

const number = "(0|[1-9]\\d*)";
const pattern = new RegExp(`^v?${number}\\.${number}\\.${number}(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?$`);

/** `1.2.3`, `v1.2.3`, `1.2.3-rc.1`; undefined for anything else. */
export function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch, rest] = pattern.exec(text) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  const prerelease = rest?.split(".") ?? [];
  // §9: numeric identifiers have no leading zeros.
  if (prerelease.some((one) => /^0\d+$/.test(one))) return undefined;
  return { major, minor, patch, prerelease };
}

/** Below 0 where `a` comes before `b` (§11): 1.9.0, 1.10.0-rc.1, 1.10.0. */
export function compareVersions(a: Version, b: Version): number {
  return (
    byNumber(a.major, b.major) ||
    byNumber(a.minor, b.minor) ||
    byNumber(a.patch, b.patch) ||
    byPrerelease(a.prerelease, b.prerelease)
  );
}

function byPrerelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = byIdentifier(a[i] ?? "", b[i] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function byIdentifier(a: string, b: string): number {
  const [numberA, numberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numberA && numberB) return byNumber(a, b);
  // Numbers come before words.
  if (numberA !== numberB) return numberA ? -1 : 1;
  return byText(a, b);
}

function byNumber(a: string, b: string): number {
  return a.length - b.length || byText(a, b);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
