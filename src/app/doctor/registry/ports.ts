import { createServer } from "node:net";
import type { Config, ListenAddress } from "#config/config.ts";
import type { Finding } from "../finding.ts";
import { isBerth } from "./is-berth.ts";

/** Whether each address can be listened on, or this registry already does. */
export async function portFindings(config: Config): Promise<Finding[]> {
  const own = config.upstreams.flatMap(({ mirror_listen }) => mirror_listen);
  const all = [...config.listen, ...config.metrics.listen, ...own];
  return Promise.all(all.map((address) => look(address)));
}

async function look(address: ListenAddress): Promise<Finding> {
  const { host, port } = address;
  const at = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const name = `address ${at}`;
  if (port === 0) return { name, state: "fine", message: "any free port" };
  const code = await bind(host, port);
  if (code === undefined) return { name, state: "fine", message: "is free" };
  switch (code) {
    case "EADDRINUSE":
      if (await isBerth(host, port)) return { name, state: "fine", message: "a Berth serves there" };
      return {
        name,
        state: "missing",
        message: "another program listens there",
        cure: `ss -ltnp 'sport = :${port}' says which; end it, or name another port as listen`,
      };
    case "EACCES":
      return {
        name,
        state: "missing",
        message: "ports below 1024 take a right that this user doesn't have",
        cure: "AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit, or a port from 1024",
      };
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return {
        name,
        state: "missing",
        message: "this machine has no such address",
        cure: "ip -brief address lists those it has; listen: 0.0.0.0:5000 is all of them",
      };
    default:
      return { name, state: "missing", message: `can't be listened on: ${code}` };
  }
}

/** Listens there for a moment. @returns what it failed with; undefined: it can be */
async function bind(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
