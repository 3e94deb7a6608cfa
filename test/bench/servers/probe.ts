import { connect } from "node:net";

/** Status of GET /v2/, or undefined while nobody answers. A plain socket, because it is asked every few ms. */
export function probe(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let text = "";
    const end = (status: number | undefined) => {
      socket.destroy();
      resolve(status);
    };
    socket.setTimeout(1000, () => end(undefined));
    socket.once("error", () => end(undefined));
    socket.once("close", () => end(undefined));
    socket.once("connect", () =>
      socket.write(`GET /v2/ HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`),
    );
    socket.setEncoding("latin1").on("data", (piece: string) => {
      text += piece;
      const match = /^HTTP\/1\.[01] (\d{3})/.exec(text);
      if (match !== null) end(Number(match[1]));
    });
  });
}
