/** The address that a stranger's text is, if it is one that is harmless to follow: https: or http: alone. */
export function linkIn(text: string): string | undefined {
  if (!/^https?:\/\/[^\s]+$/i.test(text)) return undefined;
  try {
    const { href, protocol } = new URL(text);
    return protocol === "https:" || protocol === "http:" ? href : undefined;
  } catch {
    return undefined;
  }
}
