import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Origins } from "./origin.ts";

/** Where the client reached us: what is configured or a trusted proxy says, else the address it asked. */
export function absoluteOrigin(request: IncomingMessage, origins: Origins): string {
  const origin = origins.of(request);
  if (origin !== "") return origin;
  const scheme = (request.socket as Partial<TLSSocket>).encrypted === true ? "https" : "http";
  const host = request.headers.host ?? "";
  if (/^[a-z0-9._-]+(:\d{1,5})?$|^\[[0-9a-f:]+\](:\d{1,5})?$/i.test(host)) return `${scheme}://${host}`;
  const { localAddress = "localhost", localPort = 0 } = request.socket;
  return `${scheme}://${localAddress.includes(":") ? `[${localAddress}]` : localAddress}:${localPort}`;
}
