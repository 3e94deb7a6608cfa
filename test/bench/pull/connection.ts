import { connect, type Socket } from "node:net";

/** ms without a byte after which a server is given up. */
const silenceLimit = 120_000;

const headEnd = Buffer.from("\r\n\r\n");
const noBytes = Buffer.alloc(0);

/** Told of the body's pieces; their memory is used again afterwards. */
export type Sink = (piece: Buffer) => void;

interface Waiting {
  path: string;
  sink: Sink;
  resolve(): void;
  reject(error: Error): void;
}

/** One keep-alive connection of a client that pulls; one GET at a time, bodies with Content-Length only. */
export class PullConnection implements Disposable {
  readonly #server: { host: string; port: number; memory: Buffer };
  #socket: Socket | undefined;
  #waiting: Waiting | undefined;
  #head = noBytes;
  /** Body bytes still to come; -1 while a head is awaited. */
  #left = -1;
  #closes = false;

  /** All connections of a process may share `memory`: each takes what it needs before the next one reads. */
  constructor(server: { host: string; port: number; memory: Buffer }) {
    this.#server = server;
  }

  /** Resolves when the body is whole; anything but 200 rejects with the answer. */
  get(path: string, accept: string, sink: Sink): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { path, sink, resolve, reject };
      this.#left = -1;
      this.#head = noBytes;
      const { host, port } = this.#server;
      this.#socket ??= this.#open();
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nAccept: ${accept}\r\n\r\n`);
    });
  }

  [Symbol.dispose](): void {
    this.#fail("the client broke off");
  }

  #open(): Socket {
    const { host, port, memory } = this.#server;
    const take = (count: number, bytes: Buffer) => {
      if (this.#socket === socket) this.#take(bytes.subarray(0, count));
      return true;
    };
    const socket: Socket = connect({
      host,
      port,
      noDelay: true,
      onread: { buffer: memory, callback: (count, bytes) => take(count, bytes as Buffer) },
    });
    const fail = (why: string) => this.#socket === socket && this.#fail(why);
    socket.setTimeout(silenceLimit, () => fail(`nothing came for ${silenceLimit / 1000} s`));
    socket.on("error", (error) => fail(error.message));
    socket.on("close", () => fail("the server closed the connection"));
    return socket;
  }

  #take(bytes: Buffer): void {
    if (this.#left >= 0) return this.#takeBody(bytes);
    const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const end = head.indexOf(headEnd);
    if (end < 0) {
      this.#head = Buffer.from(head);
      return;
    }
    const text = head.toString("latin1", 0, end);
    if (!text.startsWith("HTTP/1.1 200")) return this.#fail(`answered ${head.toString("utf8", 0, 1000)}`);
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    if (length === undefined) return this.#fail(`answered without Content-Length: ${text}`);
    this.#closes = /\r\nconnection: *close/i.test(text);
    this.#left = Number(length);
    this.#takeBody(head.subarray(end + 4));
  }

  #takeBody(bytes: Buffer): void {
    if (bytes.length > this.#left) return this.#fail("sent more than its Content-Length");
    this.#left -= bytes.length;
    const waiting = this.#waiting;
    if (bytes.length > 0) waiting?.sink(bytes);
    if (this.#left > 0) return;
    this.#waiting = undefined;
    if (this.#closes) this.#drop();
    waiting?.resolve();
  }

  #fail(why: string): void {
    this.#drop();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const at = this.#left > 0 ? `, ${this.#left} bytes before the end` : "";
    waiting?.reject(new Error(`GET ${waiting.path}: ${why}${at}`));
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }
}
