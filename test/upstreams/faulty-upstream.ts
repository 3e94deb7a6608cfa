import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { goodAnswer } from "./answer.ts";
import type { Fault, Faults, Kind, SeenRequest } from "./fault.ts";
import { harm, type Delivery } from "./harm.ts";
import { createServedContent, type ServedContent } from "./served-content.ts";
import { createTokenDesk, type UpstreamAuth } from "./token-desk.ts";

export type { Fault, Faults, Kind, SeenRequest } from "./fault.ts";
export type { UpstreamAuth } from "./token-desk.ts";

/**
 * A registry to pull from, on a free port of 127.0.0.1, that can be told to lie, to break and to be slow.
 * A good one until then: manifests (304 too), blobs with Range, tags and referrers in pages, tokens.
 *
 *     await using upstream = await startFaultyUpstream();
 *     const image = oci.image();
 *     upstream.add("library/busybox", image, "latest");
 *     upstream.harm("blob", "wrong-digest");             // every GET of a blob, from now on
 *     upstream.harm("manifest", { status: 500 }, 1);     // the next one alone: "500 then good"
 *     upstream.harm(({ reference }) => reference === "latest", ["no-digest", { pace: 1000 }]);
 *     …
 *     upstream.heal();
 *     assert.equal(upstream.count("blob"), 1);
 *     assert.equal(upstream.bytes("blob"), image.blobs[0].bytes.length);
 */
export interface FaultyUpstream extends ServedContent, AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or https. */
  readonly url: string;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /**
   * The requests that it holds for do so badly; of several rules the one that was made first counts, until it has
   * held `times`. A function says what is wrong with each request by itself; undefined: nothing.
   */
  harm(
    which: Kind | ((request: SeenRequest) => boolean),
    fault: Faults | ((request: SeenRequest) => Faults | undefined),
    times?: number,
  ): void;
  /** No faults from now on. */
  heal(): void;
  /** Who may pull: undefined (at first): everybody. Tokens given before don't hold any more. */
  authenticate(auth: UpstreamAuth | undefined): void;
  /** Tokens given so far don't hold any more. */
  revokeTokens(): void;
  /** Entries on a page of tags or referrers at most; 1000 at first. */
  pageSize: number;
  /** Every request since the start or `forget()`, in their order. */
  readonly requests: readonly SeenRequest[];
  /** How many of this kind; of all where none is named. */
  count(kind?: Kind): number;
  /** Bytes of bodies that went out for this kind; for all where none is named. */
  bytes(kind?: Kind): number;
  /** Connections that were opened since the start. */
  readonly connections: number;
  /** Counts anew. */
  forget(): void;
  /** Refuses connections from now on and ends those there are; `start()` takes them again on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface FaultyUpstreamOptions {
  /** PEM. */
  tls?: { cert: string; key: string };
  /** Default: 127.0.0.1. */
  address?: string;
}

const piece = 256 * 1024;

export async function startFaultyUpstream({
  tls,
  address = "127.0.0.1",
}: FaultyUpstreamOptions = {}): Promise<FaultyUpstream> {
  const content = createServedContent();
  let rules: { applies(request: SeenRequest): Faults | undefined; left: number }[] = [];
  let requests: SeenRequest[] = [];
  let connections = 0;
  let origin = "";
  const desk = createTokenDesk(() => origin);

  function faultsOf(request: SeenRequest): readonly Fault[] {
    for (const rule of rules) {
      const faults = rule.left > 0 ? rule.applies(request) : undefined;
      if (faults === undefined) continue;
      rule.left--;
      return typeof faults === "object" && Symbol.iterator in faults ? faults : [faults];
    }
    return [];
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = { ...seen(req), body: await text(req) };
    requests.push(request);
    const faults = faultsOf(request);
    const ranges = !faults.includes("no-ranges");
    const good =
      request.kind === "token"
        ? desk.token(request)
        : (desk.refusal(request) ?? goodAnswer(request, content, { ranges, pageSize: upstream.pageSize }));
    await deliver(harm(good, faults, request, desk.challenge(request)), request, res);
  }

  const listener = (req: IncomingMessage, res: ServerResponse) =>
    void serve(req, res).catch(() => res.destroy());
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  // What is slow here is slow on purpose.
  server.requestTimeout = 0;
  server.on("connection", () => connections++);

  async function listen(port: number): Promise<void> {
    server.listen(port, address);
    await once(server, "listening");
    const host = address.includes(":") ? `[${address}]` : address;
    origin = `${tls === undefined ? "http" : "https"}://${host}:${(server.address() as AddressInfo).port}`;
  }
  async function stop(): Promise<void> {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }
  const of = (kind: Kind | undefined) => requests.filter((each) => kind === undefined || each.kind === kind);

  await listen(0);
  const { add, addBlob, tag, remove } = content;
  const upstream: FaultyUpstream = {
    ...{ add, addBlob, tag, remove, pageSize: 1000 },
    get url() {
      return origin;
    },
    get host() {
      return new URL(origin).host;
    },
    harm(which, fault, times = Infinity) {
      const matches = typeof which === "function" ? which : ({ kind }: SeenRequest) => kind === which;
      const applies = (request: SeenRequest) =>
        matches(request) ? (typeof fault === "function" ? fault(request) : fault) : undefined;
      rules.push({ applies, left: times });
    },
    heal() {
      rules = [];
    },
    authenticate(auth) {
      desk.revoke();
      desk.set(auth);
    },
    revokeTokens: () => desk.revoke(),
    get requests() {
      return requests;
    },
    count: (kind) => of(kind).length,
    bytes: (kind) => of(kind).reduce((sum, { bytes }) => sum + bytes, 0),
    get connections() {
      return connections;
    },
    forget() {
      requests = [];
    },
    stop,
    start: () => listen(Number(new URL(origin).port)),
    [Symbol.asyncDispose]: stop,
  };
  return upstream;
}

/** `/v2/NAME/KIND/REFERENCE` and the few other paths. */
function seen({ method = "GET", url = "/", headers }: IncomingMessage): Omit<SeenRequest, "body"> {
  const path = decodeURIComponent(url.split("?", 1)[0] ?? "");
  const [, repository = "", noun = "", reference = ""] =
    /^\/v2\/(.+)\/(manifests|blobs|referrers|tags)\/([^/]+)$/.exec(path) ?? [];
  const head = method === "HEAD" ? "head-" : "";
  let kind: Kind = "elsewhere";
  if (path === "/token") kind = "token";
  else if (path === "/v2/" || path === "/v2") kind = "base";
  else if (noun === "manifests") kind = `${head}manifest`;
  else if (noun === "blobs") kind = `${head}blob`;
  else if (noun === "tags" || noun === "referrers") kind = noun;
  return { kind, method, path: url, headers, repository, reference, status: 0, bytes: 0 };
}

async function deliver(delivery: Delivery, request: SeenRequest, res: ServerResponse): Promise<void> {
  const { answer, length, endless, pace, hold } = delivery;
  if (delivery.none === "reset") return void res.socket?.resetAndDestroy();
  if (delivery.none === "silence") return;
  if (hold?.at === 0) await hold.until;
  res.sendDate = false;
  request.status = answer.status;
  const bodiless = answer.status === 304;
  res.writeHead(
    answer.status,
    length === undefined || bodiless ? answer.headers : { ...answer.headers, "content-length": length },
  );
  if (request.method === "HEAD" || bodiless) return void res.end();
  res.flushHeaders();
  const closed = new AbortController();
  const gone = new Promise<void>((resolve) => {
    res.once("close", () => {
      closed.abort();
      resolve();
    });
  });

  const reset = delivery.resetAfter ?? Infinity;
  const end = endless ? Infinity : answer.body.length;
  for (let at = 0; at < Math.min(end, reset) && !res.destroyed;) {
    if (hold !== undefined && at === hold.at) await Promise.race([hold.until, gone]);
    let to = Math.min(end, reset, at + (pace === undefined ? piece : Math.max(1, Math.ceil(pace / 10))));
    if (hold !== undefined && at < hold.at) to = Math.min(to, hold.at);
    const bytes = endless ? randomBytes(to - at) : answer.body.subarray(at, to);
    const room = res.write(bytes);
    request.bytes += bytes.length;
    at = to;
    // Whoever leaves is noticed by res.destroyed.
    if (!room) await Promise.race([once(res, "drain"), gone]);
    if (pace !== undefined)
      await sleep((bytes.length / pace) * 1000, undefined, { signal: closed.signal }).catch(() => undefined);
  }
  if (end > reset) {
    // What was written goes out before the reset.
    if (res.writableLength > 0) await Promise.race([once(res, "drain"), sleep(200)]);
    await sleep(20);
    return void res.socket?.resetAndDestroy();
  }
  if (length !== undefined && length > answer.body.length) return void res.socket?.end();
  res.end();
}
