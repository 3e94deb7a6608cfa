import { createHmac } from "node:crypto";

/**
 * The headers that prove who sent a body and when: `X-Berth-Timestamp`, seconds since the epoch, and
 * `X-Berth-Signature-256`, `sha256=` and the hexadecimal HMAC-SHA256 of the timestamp as it stands there, a full stop
 * and the body's bytes.
 * @param now ms
 */
export function signatureHeaders(key: string, body: string, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000));
  const signature = createHmac("sha256", key).update(`${timestamp}.${body}`).digest("hex");
  return { "x-berth-timestamp": timestamp, "x-berth-signature-256": `sha256=${signature}` };
}
