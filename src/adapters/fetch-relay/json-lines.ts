import { once } from "node:events";
import type { Socket } from "node:net";

/** Messages over a socket, a line of JSON each. */
export interface JsonLines<Out> {
  /** What is sent in one turn of the event loop travels together. After the socket's end nothing is. */
  send(message: Out): void;
  /** A line that says nothing but that this process is alive. */
  beat(): void;
  /** Resolves when the other side has taken what was sent, but for a little, or is gone. */
  drained(): Promise<void>;
}

/** Longer is no message of ours. */
const longestLine = 256 * 1024;

/** @param heard gets each message; one that throws, or isn't JSON, ends the socket. */
export function jsonLines<In, Out>(socket: Socket, heard: (message: In) => void): JsonLines<Out> {
  let outgoing = "";
  let rest = "";

  function flush(): void {
    const text = outgoing;
    outgoing = "";
    if (socket.writable) socket.write(text);
  }

  function add(line: string): void {
    if (outgoing === "") setImmediate(flush);
    outgoing += line;
  }

  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    try {
      for (const line of lines) if (line !== "") heard(JSON.parse(line) as In);
      if (rest.length > longestLine) throw new Error("a line without an end");
    } catch (error) {
      socket.destroy(error as Error);
    }
  });

  return {
    send: (message) => add(`${JSON.stringify(message)}\n`),
    beat: () => add("\n"),
    async drained() {
      if (!socket.writableNeedDrain || socket.destroyed) return;
      const gone = new AbortController();
      const close = () => gone.abort();
      socket.once("close", close);
      // Ended by its close, or by an error, which its owner hears of, too.
      await once(socket, "drain", { signal: gone.signal }).catch(() => undefined);
      socket.off("close", close);
    },
  };
}
