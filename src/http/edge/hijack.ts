import { ServerResponse, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { Duplex } from "node:stream";

/**
 * `Upgrade: tcp`: a request after whose answer the connection is bytes both ways. It passes through the handler like
 * any other; what answers it may take the connection, else it is answered normally and the connection ends.
 */
export interface Hijack {
  /** The request's own body, whole. */
  body: Buffer;
  /**
   * Answers 101 with these headers and gives the connection, with every byte that came after the request. Each side
   * ends alone: the client's end is "end" on the reading side and leaves the writing side open.
   */
  take(headers: Record<string, string>): Duplex;
}

const hijacks = new WeakMap<IncomingMessage, Hijack>();

/** Undefined: the client asked for no upgrade, or its server takes none. */
export function hijackOf(request: IncomingMessage): Hijack | undefined {
  return hijacks.get(request);
}

/** For Node's `shouldUpgradeCallback`: other protocols (`h2c`, `websocket`) are answered as if not asked for. */
export function asksForHijack({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "tcp";
}

/** A body comes with the request, so it is small: what it may have at most, and how long it may take (ms). */
const longestBody = 4 * 1024 * 1024;
const bodyTime = 30_000;
/** ms that a client has to read an answer without an upgrade. */
const afterAnswer = 5_000;

/** Serves upgrades of `server` by the same handler. `cut` breaks off what was taken, of which the server knows nothing. */
export function serveHijacks(server: Server, handler: RequestListener): { cut(): void } {
  const sockets = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A connection that breaks must not end the process.
    socket.on("error", () => socket.destroy());
    if ("setTimeout" in socket) (socket as typeof request.socket).setTimeout(0);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    try {
      response.assignSocket(socket as typeof request.socket);
    } catch {
      // Sent behind a request that has no answer yet: its answer has the connection, and the upgrade would never come.
      socket.destroy();
      return;
    }
    response.once("finish", () => {
      response.detachSocket(socket as typeof request.socket);
      socket.end();
      // What it still sends is taken, so that it gets to read the answer.
      socket.resume();
      setTimeout(() => socket.destroy(), afterAnswer).unref();
    });
    if (request.headers["transfer-encoding"] !== undefined) {
      response.writeHead(411, { "Content-Type": "application/json" });
      response.end('{"message":"an upgrade needs a Content-Length"}\n');
      return;
    }
    const length = Number(request.headers["content-length"] ?? 0);
    void readBody(socket, head, length).then((body) => {
      if (body === undefined) {
        socket.destroy();
        return;
      }
      hijacks.set(request, {
        body,
        take(headers) {
          response.writeHead(101, "UPGRADED", { ...headers, Connection: "Upgrade", Upgrade: "tcp" });
          response.flushHeaders();
          response.detachSocket(socket as typeof request.socket);
          return socket;
        },
      });
      handler(request, response);
    });
  });
  return {
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The first `length` bytes; what came after them stays in the socket. Undefined: too long, too slow, or gone. */
function readBody(socket: Duplex, head: Buffer, length: number): Promise<Buffer | undefined> {
  if (head.length > 0) socket.unshift(head);
  if (length === 0) return Promise.resolve(Buffer.alloc(0));
  if (!(length <= longestBody)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let missing = length;
    const timer = setTimeout(done, bodyTime);
    socket.on("readable", read).once("end", done).once("close", done);
    read();

    function read(): void {
      let chunk: Buffer | null;
      while (missing > 0 && (chunk = socket.read() as Buffer | null) !== null) {
        if (chunk.length > missing) socket.unshift(chunk.subarray(missing));
        chunks.push(chunk.subarray(0, missing));
        missing -= Math.min(missing, chunk.length);
      }
      if (missing === 0) done();
    }

    function done(): void {
      clearTimeout(timer);
      socket.off("readable", read).off("end", done).off("close", done);
      resolve(missing === 0 ? Buffer.concat(chunks, length) : undefined);
      chunks = [];
    }
  });
}
