/** The target of `rel="next"` in a Link header (RFC 8288), as it stands there; undefined: none. */
export function nextLink(header: string | string[] | undefined): string | undefined {
  for (const value of [header ?? []].flat()) {
    for (const [, target, parameters = ""] of value.slice(0, 16_384).matchAll(/<([^<>]*)>([^<]*)/g))
      if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next)/i.test(parameters)) return target;
  }
  return undefined;
}
