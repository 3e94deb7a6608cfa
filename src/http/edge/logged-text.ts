/** Our own secrets (`bpt_…`) and JWTs, also cut off: clients put them where they don't belong. */
const secret = /b(?:rt|pt|rs)_[\w-]{20,}|eyJ[\w-]{20,}(?:\.[\w-]*)*/g;

/** What a client wrote, as the log may show it: without tokens, and not longer than `most` characters. */
export function loggedText(text: string, most: number): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(secret, "(secret)");
}

/**
 * A request target without its query, which may carry signatures and session states, and without the
 * password of an absolute form (`http://name:password@host/`).
 */
export function loggedTarget(url: string, most: number): string {
  const [path = ""] = url.split("?", 1);
  return loggedText(path.startsWith("/") ? path : path.replace(/^([a-z]+:\/\/).*@/i, "$1"), most);
}
