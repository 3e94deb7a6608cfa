import { connect, createServer, type Socket } from "node:net";
import type { HeldPort, PortTarget } from "./held-port.ts";

/** Connections at once by way of this process; the firewall's are not counted. */
const mostConnections = 1024;

/** Binds it. Rejects with what the system says: EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT. */
export function holdTcpPort(host: string, port: number): Promise<HeldPort> {
  let target: PortTarget | undefined;
  const open = new Set<Socket>();

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (from) => {
    if (!target) {
      from.on("error", () => undefined).resetAndDestroy();
      return;
    }
    const to = connect({ host: target.address, port: target.port, allowHalfOpen: true, noDelay: true });
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one);
      one.pipe(other);
      // Whoever breaks off breaks off both.
      one.on("error", () => (other.destroyed ? undefined : other.resetAndDestroy()));
      one.on("close", () => {
        open.delete(one);
        if (one.errored) other.destroy();
      });
    }
  });
  server.maxConnections = mostConnections;

  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, exclusive: true, ipv6Only: host.includes(":") }, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      const address = server.address();
      resolve({
        port: address !== null && typeof address === "object" ? address.port : port,
        lead: (next) => (target = next),
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of open) socket.destroy();
          }),
      });
    });
  });
}
