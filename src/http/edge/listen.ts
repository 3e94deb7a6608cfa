import { createServer, STATUS_CODES, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { AppError } from "#core/errors.ts";
import { holdContinue } from "./continue.ts";
import { asksForHijack, serveHijacks } from "./hijack.ts";
import type { Tls } from "./tls.ts";
import { createTlsServer } from "./tls-server.ts";
import { listenAtPath, type UnixAddress } from "./unix-socket.ts";

export interface ServerLimits {
  /** ms for the request line and headers. */
  header_timeout: number;
  /** ms that an idle connection is kept. */
  keep_alive_timeout: number;
  /** Serves `Upgrade: tcp`, see hijack.ts; by default it is answered as if it weren't asked for. */
  hijack?: boolean;
}

const backlog = 1024;

/** Room for 1,000 tag parameters, so that too many of them get an answer in words. */
const maxHeaderBytes = 64 * 1024;

/** One address that is served. */
export interface Listener {
  server: Server;
  /** Where it really listens, e.g. `https://127.0.0.1:5000`, `unix:///run/berth/engine.sock`. */
  url: string;
  /** Breaks off all connections. */
  cut(): void;
}

/**
 * Serves `handler` on one address. Resolves when it listens.
 * @param tls the certificate in force; undefined: plain HTTP.
 */
export async function listen(
  address: { host: string; port: number } | UnixAddress,
  handler: RequestListener,
  limits: ServerLimits,
  tls?: Tls,
): Promise<Listener> {
  const options = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: limits.header_timeout,
    handshakeTimeout: limits.header_timeout,
    // Node's default of 300 s for a whole request would cut large layers; silence is watched instead.
    requestTimeout: 0,
    keepAliveTimeout: limits.keep_alive_timeout,
    connectionsCheckingInterval: Math.min(5_000, Math.max(100, limits.header_timeout / 2)),
    noDelay: true,
    highWaterMark: 256 * 1024,
    ...(limits.hijack === true && { shouldUpgradeCallback: asksForHijack, allowHalfOpen: true }),
  };
  const { server, cut: cutServed } =
    tls === undefined ? plain(createServer(options, handler)) : createTlsServer(tls, options, handler);
  const hijacks = limits.hijack === true ? serveHijacks(server, handler) : undefined;
  const cut = () => {
    cutServed();
    hijacks?.cut();
  };
  holdContinue(server, handler);
  server.on("clientError", refuse);
  if ("path" in address) {
    await listenAtPath(server, address, backlog);
    return { server, url: `unix://${address.path}`, cut };
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(unableToListen(address, error));
    });
    server.listen({ host: address.host, port: address.port, backlog }, resolve);
  });
  const bound = server.address() as AddressInfo;
  const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return { server, url: `${tls === undefined ? "http" : "https"}://${host}:${bound.port}`, cut };
}

function plain(server: Server): { server: Server; cut(): void } {
  return {
    server,
    cut() {
      server.closeAllConnections();
    },
  };
}

function unableToListen(
  { host, port }: { host: string; port: number },
  error: NodeJS.ErrnoException,
): AppError {
  const why =
    error.code === "EADDRINUSE"
      ? "another program listens there; end it, or choose another address"
      : error.code === "EACCES"
        ? "this user may not use that port; choose one above 1023 or give the right"
        : (error.code ?? error.message);
  return new AppError("unavailable", `cannot listen on ${host}:${port}: ${why}`, { cause: error });
}

/** What never became a request: broken syntax, too large headers, too slow. RFC 9110 section 15.5. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  // A handshake that failed is none of these: nothing could be said in a way that the client understands.
  const inHandshake =
    error.code?.startsWith("ERR_SSL_") === true || error.code?.startsWith("ERR_TLS_") === true;
  if (!socket.writable || error.code === "ECONNRESET" || inHandshake) {
    socket.destroy();
    return;
  }
  const status =
    error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  const body = JSON.stringify({ errors: [{ code: "UNSUPPORTED", message: `${STATUS_CODES[status]}` }] });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
