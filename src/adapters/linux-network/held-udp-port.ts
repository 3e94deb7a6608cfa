import { createSocket, type Socket } from "node:dgram";
import type { HeldPort, PortTarget } from "./held-port.ts";

/** Clients at once by way of this process, and how long one is remembered after its last word (ms). */
const mostClients = 1024;
const idle = 90_000;

interface Client {
  socket: Socket;
  ready: boolean;
  waiting: Buffer[];
  timer: NodeJS.Timeout;
}

/** Binds it. Rejects with what the system says. */
export function holdUdpPort(host: string, port: number): Promise<HeldPort> {
  const six = host.includes(":");
  const server = createSocket({ type: six ? "udp6" : "udp4", ipv6Only: six });
  const clients = new Map<string, Client>();
  let target: PortTarget | undefined;

  function forget(key: string): void {
    const client = clients.get(key);
    if (!client) return;
    clients.delete(key);
    clearTimeout(client.timer);
    client.socket.close();
  }

  function meet(key: string, address: string, from: number, to: PortTarget): Client | undefined {
    if (clients.size >= mostClients) return undefined;
    const socket = createSocket(to.address.includes(":") ? "udp6" : "udp4");
    const client: Client = {
      socket,
      ready: false,
      waiting: [],
      timer: setTimeout(() => forget(key), idle).unref(),
    };
    clients.set(key, client);
    socket.on("error", () => forget(key));
    socket.on("message", (message) => {
      client.timer.refresh();
      server.send(message, from, address, () => undefined);
    });
    // By its event: a callback would be called for a failed connect (no route), too.
    socket.once("connect", () => {
      if (clients.get(key) !== client) return;
      client.ready = true;
      for (const message of client.waiting.splice(0)) socket.send(message, () => undefined);
    });
    socket.connect(to.port, to.address);
    return client;
  }

  server.on("message", (message, { address, port: from }) => {
    if (!target) return;
    const key = `${address} ${from}`;
    const client = clients.get(key) ?? meet(key, address, from, target);
    if (!client) return;
    client.timer.refresh();
    if (client.ready) client.socket.send(message, () => undefined);
    else if (client.waiting.length < 16) client.waiting.push(message);
  });

  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.bind({ address: host, port, exclusive: true }, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve({
        port: server.address().port,
        lead(next) {
          target = next;
          for (const key of [...clients.keys()]) forget(key);
        },
        close: () =>
          new Promise((closed) => {
            for (const key of [...clients.keys()]) forget(key);
            server.close(() => closed());
          }),
      });
    });
  });
}
