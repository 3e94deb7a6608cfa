import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

export interface NamedHost extends AsyncDisposable {
  /** For HTTPS_PROXY. */
  proxy: string;
}

/**
 * A proxy that knows one name, and leads it to loopback. Clients trust loopback itself without a look at its
 * certificate; a name that no DNS knows they check, and reach only like this.
 */
export async function startNamedHost(name: string): Promise<NamedHost> {
  const open = new Set<Duplex>();
  const keep = (socket: Duplex) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const server = createServer((_, response) => void response.writeHead(405).end());
  server.on("connect", ({ url = "" }, client: Duplex, head: Buffer) => {
    keep(client);
    const [host, port = ""] = url.split(":");
    if (host !== name) {
      client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      return;
    }
    const target = connect(Number(port), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.write(head);
      client.pipe(target).pipe(client);
    });
    keep(target);
    target.once("close", () => client.destroy());
    client.once("close", () => target.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    proxy: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
