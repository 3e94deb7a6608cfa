import { createServer, STATUS_CODES, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { AppError } from "#core/errors.ts";

export interface ServerLimits {
  /** ms for the request line and headers. */
  header_timeout: number;
  /** ms that an idle connection is kept. */
  keep_alive_timeout: number;
}

/** Room for 1,000 tag parameters, so that too many of them get an answer in words. */
const maxHeaderBytes = 64 * 1024;

/** Serves `handler` on one address. Resolves when it listens. */
export async function listen(
  address: { host: string; port: number },
  handler: RequestListener,
  limits: ServerLimits,
): Promise<{ server: Server; url: string }> {
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: limits.header_timeout,
      // Node's default of 300 s for a whole request would cut large layers; silence is watched instead.
      requestTimeout: 0,
      keepAliveTimeout: limits.keep_alive_timeout,
      connectionsCheckingInterval: Math.min(5_000, Math.max(100, limits.header_timeout / 2)),
      noDelay: true,
      highWaterMark: 256 * 1024,
    },
    handler,
  );
  server.on("clientError", refuse);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(unableToListen(address, error));
    });
    server.listen({ host: address.host, port: address.port, backlog: 1024 }, resolve);
  });
  const bound = server.address() as AddressInfo;
  const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return { server, url: `http://${host}:${bound.port}` };
}

function unableToListen(
  { host, port }: { host: string; port: number },
  error: NodeJS.ErrnoException,
): AppError {
  const why =
    error.code === "EADDRINUSE"
      ? "another program listens there; end it or choose another address with --listen"
      : error.code === "EACCES"
        ? "this user may not use that port; choose one above 1023 or give the right"
        : (error.code ?? error.message);
  return new AppError("unavailable", `cannot listen on ${host}:${port}: ${why}`, { cause: error });
}

/** What never became a request: broken syntax, too large headers, too slow. RFC 9110 section 15.5. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
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
