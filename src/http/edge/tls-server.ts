import type { RequestListener, ServerOptions } from "node:http";
import { createServer, type Server } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Tls } from "./tls.ts";

/** First byte of a TLS record that begins a handshake. RFC 8446 section 5.1. */
const handshake = 0x16;

export interface TlsServer {
  server: Server;
  /** Breaks off every connection, those in the middle of a handshake as well, of which HTTP knows nothing yet. */
  cut(): void;
}

export interface TlsServerOptions extends ServerOptions {
  /** ms for the first byte, and then for the handshake. */
  handshakeTimeout: number;
  /** Each side of an upgraded connection ends alone. */
  allowHalfOpen?: boolean;
}

/**
 * HTTPS with the certificate in force. Who speaks plain HTTP to it is told so in words: the first byte of
 * a connection says which of the two it is.
 */
export function createTlsServer(tls: Tls, options: TlsServerOptions, handler: RequestListener): TlsServer {
  const server = createServer(
    {
      ...options,
      ...tls.current,
      requestCert: tls.clients !== "off",
      // Without a certificate the handshake fails where one is required. Where none is needed a wrong one
      // must not pass for none: see below.
      rejectUnauthorized: tls.clients === "required",
    },
    handler,
  );
  tls.follow(server);
  if (tls.clients === "optional") {
    server.prependListener("secureConnection", (socket: TLSSocket) => {
      if (!socket.authorized && socket.getPeerX509Certificate() !== undefined) socket.destroy();
    });
  }
  const sockets = new Set<Socket>();
  const [secure] = server.listeners("connection") as [(socket: Socket) => void];
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const late = setTimeout(() => socket.destroy(), options.handshakeTimeout);
    const drop = () => socket.destroy();
    socket.on("error", drop);
    socket.once("close", () => clearTimeout(late));
    socket.once("readable", () => {
      clearTimeout(late);
      const first = socket.read(1) as Buffer | null;
      if (first === null) socket.destroy();
      else if (first[0] === handshake) {
        socket.off("error", drop);
        socket.unshift(first);
        secure.call(server, socket);
      } else sayWhatIsSpoken(socket);
    });
  });
  return {
    server,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function sayWhatIsSpoken(socket: Socket): void {
  const message = "this port speaks HTTPS: use an address that begins with https://";
  const body = JSON.stringify({ errors: [{ code: "UNSUPPORTED", message }] });
  socket.setTimeout(1_000, () => socket.destroy());
  // What it still sends is taken: unread bytes would reset the connection before the answer is read.
  socket.resume();
  socket.end(
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\n" +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
