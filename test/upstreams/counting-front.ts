import { once } from "node:events";
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { seenRequest, type RequestKind, type SeenRequest } from "./seen-request.ts";

/** Stands before an upstream and writes down what reaches it. Its address stays the same all the time. */
export interface CountingFront extends AsyncDisposable {
  url: string;
  /** `127.0.0.1:PORT` */
  host: string;
  /** Every request since the start or `forget`, in the order of their coming. */
  readonly seen: readonly SeenRequest[];
  /** Connections since then: 0 proves that nobody touched the network. */
  readonly connections: number;
  /** Body bytes of answers of that kind (all of them without one). */
  bytes(kind?: RequestKind): number;
  /** Requests of that kind; of that method only, with one. */
  requests(kind: RequestKind, method?: string): SeenRequest[];
  /** Counts anew from here. */
  forget(): void;
  /** Lets the first `bytes` of every blob pass and keeps back the rest, until the answer is called. */
  holdBlobsAfter(bytes: number): () => void;
  /** Refuses connections, and breaks off those that are open, until `open`. */
  close(): Promise<void>;
  open(): Promise<void>;
}

/** @param target the port of 127.0.0.1 where the upstream listens now */
export async function startFront(target: () => number): Promise<CountingFront> {
  let seen: SeenRequest[] = [];
  let connections = 0;
  let hold: Hold | undefined;
  const agent = new Agent({ keepAlive: true });
  const sockets = new Set<Socket>();

  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "" } = incoming;
    const one = seenRequest(method, url, incoming.headers.authorization);
    seen.push(one);
    void forward(incoming, outgoing, one).catch(() => outgoing.destroy());
  });
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse, one: SeenRequest) {
    const headers = withoutConnection(incoming.rawHeaders);
    const inner = httpRequest({
      host: "127.0.0.1",
      port: target(),
      method: incoming.method,
      path: incoming.url,
      headers,
      agent,
    });
    outgoing.once("close", () => inner.destroy());
    const answer = once(inner, "response") as Promise<[IncomingMessage]>;
    // An answer may come before the body has gone out.
    pipeline(incoming, inner).catch(() => undefined);
    const [response] = await answer;
    one.status = response.statusCode ?? 0;
    outgoing.writeHead(one.status, response.statusMessage, withoutConnection(response.rawHeaders));
    const held = one.kind === "blob" ? hold : undefined;
    const counted = async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        const room = held === undefined ? chunk.length : Math.max(0, held.after - one.bytes);
        for (const [piece, late] of [
          [chunk.subarray(0, room), false],
          [chunk.subarray(room), true],
        ] as const) {
          if (piece.length === 0) continue;
          if (late) await held?.released;
          one.bytes += piece.length;
          yield piece;
        }
      }
    };
    await pipeline(response, counted, outgoing);
  }

  async function open(port = 0) {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  }
  async function close() {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  }

  await open();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    get seen() {
      return seen;
    },
    get connections() {
      return connections;
    },
    bytes: (kind) =>
      seen.filter((one) => kind === undefined || one.kind === kind).reduce((sum, one) => sum + one.bytes, 0),
    requests: (kind, method) =>
      seen.filter((one) => one.kind === kind && (method === undefined || one.method === method)),
    forget() {
      seen = [];
      connections = 0;
    },
    holdBlobsAfter(after) {
      const { promise: released, resolve } = Promise.withResolvers<void>();
      const mine: Hold = { after, released, release: resolve };
      hold = mine;
      return () => {
        resolve();
        if (hold === mine) hold = undefined;
      };
    },
    close,
    open: () => open(port),
    async [Symbol.asyncDispose]() {
      hold?.release();
      await close();
      agent.destroy();
    },
  };
}

interface Hold {
  after: number;
  released: Promise<void>;
  release: () => void;
}

/** Headers as they came, without those of one connection only. */
function withoutConnection(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? "";
    if (!/^(connection|keep-alive|transfer-encoding)$/i.test(name)) kept.push(name, raw[i + 1] ?? "");
  }
  return kept;
}
