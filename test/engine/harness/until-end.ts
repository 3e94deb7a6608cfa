import type { Socket } from "node:net";

/** Everything that comes until the server ends its side. */
export function untilEnd(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => (text += part));
  return new Promise((resolve, reject) => {
    socket.once("end", () => {
      resolve(text);
    });
    socket.once("error", reject);
  });
}
