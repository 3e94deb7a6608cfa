import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";

/**
 * What happens to a request: the connection breaks before it or after it was served, the server is
 * overloaded or broken, no answer comes, or one that is cut.
 */
export type Fault = "reset" | "lost-answer" | "slow-down" | "internal-error" | "silence" | "cut-answer";

export const faults: readonly Fault[] = [
  "reset",
  "lost-answer",
  "slow-down",
  "internal-error",
  "silence",
  "cut-answer",
];

/** A proxy before an S3 server that harms the requests it is told to. */
export interface FaultProxy extends AsyncDisposable {
  url: string;
  /** Requests since the last plan, as `PUT /bucket/key?…`. */
  seen: string[];
  /** Starts counting anew; `fault` is asked for each request by its number, from 0 on. */
  plan(fault: (number: number, line: string) => Fault | undefined): void;
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  let choose: (number: number, line: string) => Fault | undefined = () => undefined;
  let seen: string[] = [];

  async function forward(req: IncomingMessage, res: ServerResponse, fault: Fault | undefined): Promise<void> {
    const { method, url, headers } = req;
    const onward = request({ hostname, port, method, path: url, headers, agent: false });
    const answered = once(onward, "response") as Promise<[IncomingMessage]>;
    answered.catch(() => undefined);
    await pipeline(req, onward);
    const [answer] = await answered;
    if (fault === "lost-answer") {
      answer.resume();
      await once(answer, "close");
      res.destroy();
      return;
    }
    if (fault !== "cut-answer") {
      res.writeHead(answer.statusCode ?? 500, answer.headers);
      await pipeline(answer, res);
      return;
    }
    if (method === "HEAD") return void res.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    res.writeHead(answer.statusCode ?? 500, {
      ...answer.headers,
      "content-length": Math.max(1, body.length),
    });
    res.write(body.subarray(0, Math.floor(body.length / 2)), () => res.destroy());
    res.flushHeaders();
  }

  const server = createServer((req, res) => {
    const line = `${req.method} ${req.url}`;
    const fault = choose(seen.push(line) - 1, line);
    if (fault === "silence") return void req.resume();
    if (fault === "reset") return void req.socket.destroy();
    if (fault === "slow-down" || fault === "internal-error") {
      const [status, code] = fault === "slow-down" ? [503, "SlowDown"] : [500, "InternalError"];
      req.resume();
      req.once("end", () => {
        res.writeHead(status, { "content-type": "application/xml" });
        res.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
      });
      return;
    }
    forward(req, res, fault).catch(() => res.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get seen() {
      return seen;
    },
    plan(fault) {
      choose = fault;
      seen = [];
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
