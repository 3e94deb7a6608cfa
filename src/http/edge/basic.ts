/** Name and secret of HTTP Basic (RFC 7617, UTF-8), or undefined when it is none. @param value base64 text. */
export function parseBasic(value: string): { name: string; secret: string } | undefined {
  if (!/^[A-Za-z0-9+/_-]{1,8192}={0,2}$/.test(value)) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(value, "base64"));
  } catch {
    return undefined;
  }
  const colon = text.indexOf(":");
  if (colon < 0 || text.includes("\0")) return undefined;
  return { name: text.slice(0, colon), secret: text.slice(colon + 1) };
}
