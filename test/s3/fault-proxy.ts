import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { cutList, isList, shortList } from "./list-answers.ts";

/**
 * What happens to a request: the connection breaks before it or after it was served, the server is overloaded
 * or broken, no answer comes, it is served when nobody waits for it any more, its answer is cut or slow. Lists alone
 * can be cut without a word where they go on. A request that is refused is told what was wrong with its signature.
 */
export type Fault = (typeof faults)[number] | "cut-list" | "refused";

export const faults = [
  "reset",
  "lost-answer",
  "slow-down",
  "internal-error",
  "silence",
  "late",
  "cut-answer",
  "slow",
] as const;

/** A request as it came, `PUT /bucket/key?…`. */
export interface SeenRequest {
  line: string;
  headers: IncomingMessage["headers"];
}

/** A proxy before an S3 server that harms the requests it is told to. */
export interface FaultProxy extends AsyncDisposable {
  url: string;
  /** Lines of the requests since the last plan. */
  readonly seen: string[];
  readonly requests: SeenRequest[];
  /** Starts counting anew; `fault` is asked for each request by its number, from 0 on. */
  plan(fault: (number: number, line: string) => Fault | undefined): void;
  /** Lists come in pages of so many entries, from now on; 0: as they are. */
  pages(size: number): void;
  /** When the requests that nobody waits for have been served. */
  settled(): Promise<void>;
}

/** Of a slow answer, ms. */
const slowness = 60;

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  let choose: (number: number, line: string) => Fault | undefined = () => undefined;
  let requests: SeenRequest[] = [];
  let pageSize = 0;
  const late = new Set<Promise<unknown>>();

  function onwardOf({ method, url, headers }: IncomingMessage) {
    const onward = request({ hostname, port, method, path: url, headers, agent: false });
    const answered = once(onward, "response") as Promise<[IncomingMessage]>;
    answered.catch(() => undefined);
    return { onward, answered };
  }

  async function forward(req: IncomingMessage, res: ServerResponse, fault: Fault | undefined): Promise<void> {
    const { onward, answered } = onwardOf(req);
    await pipeline(req, onward);
    const [answer] = await answered;
    if (fault === "slow") await sleep(slowness);
    if (fault === "lost-answer") {
      answer.resume();
      await once(answer, "close");
      res.destroy();
      return;
    }
    const { statusCode: status = 500 } = answer;
    const changed = isList(req.method, req.url) && (fault === "cut-list" || pageSize > 0);
    if (fault !== "cut-answer" && !changed) {
      res.writeHead(status, answer.headers);
      await pipeline(answer, res);
      return;
    }
    if (req.method === "HEAD") return void res.destroy();
    const body = await bytesOf(answer);
    if (fault !== "cut-answer") {
      const list = body.toString();
      res.writeHead(status, { "content-type": "application/xml" });
      res.end(fault === "cut-list" ? cutList(list) : shortList(list, pageSize));
      return;
    }
    const length = Math.max(1, body.length);
    res.writeHead(status, { ...answer.headers, "content-length": length });
    res.write(body.subarray(0, Math.floor(body.length / 2)), () => res.destroy());
    res.flushHeaders();
  }

  /** Serves it when the client has given it up. */
  async function serveLate(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const gone = once(res, "close");
    const { onward, answered } = onwardOf(req);
    const body = await bytesOf(req);
    await gone;
    onward.end(body);
    const [answer] = await answered;
    answer.resume();
    await once(answer, "close");
  }

  const server = createServer((req, res) => {
    const line = `${req.method} ${req.url}`;
    const fault = choose(requests.push({ line, headers: req.headers }) - 1, line);
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
    if (fault === "refused") {
      // As S3 does: with everything that the request was signed with.
      const signed = `${line} ${req.headers.authorization}`;
      req.resume();
      req.once("end", () => {
        res.writeHead(403, { "content-type": "application/xml" });
        res.end(
          `<?xml version="1.0"?><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message>` +
            `<StringToSign>${signed.replaceAll("&", "&amp;")}</StringToSign></Error>`,
        );
      });
      return;
    }
    if (fault === "late") {
      const served = serveLate(req, res)
        .catch(() => undefined)
        .finally(() => late.delete(served));
      late.add(served);
      return;
    }
    forward(req, res, fault).catch(() => res.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get seen() {
      return requests.map(({ line }) => line);
    },
    get requests() {
      return requests;
    },
    plan(fault) {
      choose = fault;
      requests = [];
    },
    pages(size) {
      pageSize = size;
    },
    async settled() {
      await Promise.all(late);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
