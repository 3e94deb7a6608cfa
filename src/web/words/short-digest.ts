/** `sha256:0123…` → `0123456789ab`, as docker shortens. */
export function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1).slice(0, 12);
}
