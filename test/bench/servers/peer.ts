import { listeningProcess } from "./listening-process.ts";
import { probe } from "./probe.ts";
import type { Server } from "./server.ts";

/** A registry that somebody else started. Nothing is ended, and what is pushed stays there unless it lets us delete. */
export function peer(name: string, url: URL): Server {
  const port = Number(url.port || "80");
  return {
    id: name.toLowerCase(),
    label: name,
    kind: "running",
    async start() {
      const status = await probe(url.hostname, port);
      if (status !== 200) {
        throw new Error(
          `${name}: GET ${url.origin}/v2/ answers ${status ?? "nothing"} instead of 200; start it without a login`,
        );
      }
      const here = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
      return {
        host: url.hostname,
        port,
        pid: here ? listeningProcess(port) : undefined,
        readyAfter: Number.NaN,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  };
}
