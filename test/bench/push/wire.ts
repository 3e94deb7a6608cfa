import { connect, type Socket } from "node:net";
import { readAnswer, type Answer } from "./answer.ts";

/** ms; a registry that copies a large layer when it is finished says nothing for long. */
const silenceLimit = 300_000;

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** One keep-alive connection that speaks just enough HTTP/1.1; one request at a time. */
export class Wire implements Disposable {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #waiting: Waiting | undefined;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  /**
   * Writes the parts of one request, waiting whenever the socket's buffer is full, and gives the answer.
   * Buffers may be used again once the answer is there.
   */
  async request(parts: Iterable<Buffer>): Promise<Answer> {
    const socket = (this.#socket ??= await this.#open());
    let answered = false;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    }).finally(() => (answered = true));
    // It may fail while this still waits for the socket to drain.
    answer.catch(() => undefined);
    let whole = true;
    for (const part of parts) {
      whole = !answered;
      if (!whole) break;
      if (!socket.write(part)) await Promise.race([drained(socket), answer.catch(() => undefined)]);
    }
    const given = await answer;
    if (given.closes || !whole || socket.writableLength > 0) this[Symbol.dispose]();
    return given;
  }

  [Symbol.dispose](): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #open(): Promise<Socket> {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    this.#received = Buffer.alloc(0);
    socket.setTimeout(silenceLimit, () => socket.destroy(new Error(`silent for ${silenceLimit / 1000} s`)));
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#fail(new Error("the server closed the connection before it answered"));
    });
    return socket;
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const found = readAnswer(this.#received);
    if (found === undefined) return;
    this.#received = this.#received.subarray(found.length);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(found.answer);
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      socket.off("drain", go).off("close", go);
      resolve();
    };
    socket.on("drain", go).on("close", go);
  });
}
