import { connect, type Socket } from "node:net";

/** One keep-alive connection that asks again as soon as the answer before is whole. Bodies are only counted. */
export interface ReaderEvents {
  /** Bytes arrived. */
  bytes(count: number): void;
  /** An answer is whole; `latency` in ms. */
  answer(latency: number): void;
  /** Something went wrong; nothing more comes. */
  fail(message: string): void;
}

const headEnd = Buffer.from("\r\n\r\n");
const noBytes = Buffer.alloc(0);

export class Reader {
  readonly #socket: Socket;
  readonly #next: () => Buffer;
  readonly #events: ReaderEvents;
  readonly #hasBody: boolean;
  readonly #status: string;
  #head: Buffer = noBytes;
  /** Body bytes still to come; -1 while a head is awaited, -2 for transfer chunks. */
  #left = -1;
  #tail = "";
  #asked = 0;
  #ended = false;

  /** All readers of a process may share `memory`: each takes what it needs before the next one reads. */
  constructor(
    server: { host: string; port: number; memory: Buffer; method: "GET" | "HEAD"; status?: number },
    next: () => Buffer,
    events: ReaderEvents,
  ) {
    this.#next = next;
    this.#events = events;
    this.#hasBody = server.method === "GET";
    this.#status = `HTTP/1.1 ${server.status ?? 200}`;
    this.#socket = connect({
      host: server.host,
      port: server.port,
      noDelay: true,
      onread: {
        buffer: server.memory,
        callback: (count, buffer) => {
          this.#take(count, buffer as Buffer);
          return true;
        },
      },
    });
    this.#socket.once("connect", () => this.#ask());
    this.#socket.on("error", (error) => this.#fail(error.message));
    this.#socket.on("close", () => this.#fail("the server closed the connection"));
  }

  end(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #ask(): void {
    this.#left = -1;
    this.#asked = performance.now();
    this.#socket.write(this.#next());
  }

  #take(count: number, memory: Buffer): void {
    if (this.#ended) return;
    this.#events.bytes(count);
    if (this.#left >= 0) this.#skip(count);
    else if (this.#left === -2) this.#skipChunks(memory.toString("latin1", Math.max(0, count - 7), count));
    else this.#takeHead(memory.subarray(0, count));
  }

  #takeHead(bytes: Buffer): void {
    const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const end = head.indexOf(headEnd);
    if (end < 0) {
      this.#head = Buffer.from(head);
      return;
    }
    this.#head = noBytes;
    const text = head.toString("latin1", 0, end);
    if (!text.startsWith(this.#status)) return this.#fail(`answered ${head.toString("utf8").slice(0, 1000)}`);
    const body = head.length - end - 4;
    if (this.#hasBody && /\r\ntransfer-encoding: *chunked/i.test(text)) {
      this.#left = -2;
      this.#tail = "";
      this.#skipChunks(head.toString("latin1", Math.max(end + 4, head.length - 7)));
      return;
    }
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    if (length === undefined) return this.#fail(`answered without Content-Length: ${text}`);
    this.#left = this.#hasBody ? Number(length) : 0;
    this.#skip(body);
  }

  #skip(count: number): void {
    this.#left -= count;
    if (this.#left === 0) this.#done();
    else if (this.#left < 0) this.#fail("sent more than its Content-Length");
  }

  #skipChunks(latest: string): void {
    this.#tail = (this.#tail + latest).slice(-7);
    if (this.#tail.endsWith("\r\n0\r\n\r\n") || this.#tail === "0\r\n\r\n") this.#done();
  }

  #done(): void {
    this.#events.answer(performance.now() - this.#asked);
    if (!this.#ended) this.#ask();
  }

  #fail(message: string): void {
    if (this.#ended) return;
    this.end();
    this.#events.fail(message);
  }
}
