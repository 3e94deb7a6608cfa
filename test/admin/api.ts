import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { anonymous } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import { createApiDoor } from "#http/admin/api-door.ts";
import { parseBasic } from "#http/edge/basic.ts";
import type { Context } from "#http/edge/context.ts";
import { createEdge } from "#http/edge/edge.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { createOrigins } from "#http/edge/origin.ts";
import { openDesk, passwordOf, type Desk } from "../auth/sign-in-desk.ts";

export interface Api extends AsyncDisposable {
  desk: Desk;
  url: string;
  /** Asks as somebody (with `password of NAME`, or the secret given); undefined: without credentials. */
  ask(who: string | undefined, method: string, path: string, body?: unknown): Promise<Answer>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // What came as JSON, for tests to look into.
  json: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** The accounts' API on a free port, on real accounts. `who` is `NAME` or `NAME:SECRET`. */
export async function startApi(): Promise<Api> {
  const desk = await openDesk();
  const identify = async (ctx: Context) => {
    const address = "192.0.2.7";
    const basic = parseBasic((ctx.req.headers.authorization ?? "").replace(/^Basic /, ""));
    if (basic === undefined) throw new AppError("unauthenticated", "sign in");
    const { identity, limits } = await desk.credentials.check(basic.name, basic.secret, address);
    return { ...anonymous, ...identity, limits, address, request: exchangeOf(ctx).id };
  };
  const edge = createEdge({
    log: pino({ level: "silent" }),
    accessLog: false,
    meter: { request: () => undefined },
    origins: createOrigins(undefined, []),
    doors: [createApiDoor({ ...desk.manage, identify })],
  });
  const handle = edge.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    desk,
    url,
    async ask(who, method, path, body) {
      const headers = new Headers();
      if (who !== undefined) {
        const credentials = who.includes(":") ? who : `${who}:${passwordOf(who)}`;
        headers.set("Authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
      }
      if (body !== undefined) headers.set("Content-Type", "application/json");
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const response = await fetch(url + path, {
        method,
        headers,
        ...(text === undefined ? {} : { body: text }),
      });
      const answer = await response.text();
      const json = answer === "" ? undefined : JSON.parse(answer);
      return { status: response.status, headers: response.headers, text: answer, json };
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await desk[Symbol.asyncDispose]();
    },
  };
}
