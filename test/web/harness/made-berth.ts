import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import * as house from "./made-house.ts";
import { manifestOf, tagsOf } from "./made-images.ts";

/**
 * A server with made data that looks as full as a registry does after a year: for the looks of the page. It keeps
 * nothing and decides nothing; how the page works is tried on the real one.
 */
export interface MadeBerth extends AsyncDisposable {
  url: string;
}

const page = resolve(import.meta.dirname, "../../../dist/web");
const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export interface MadeOptions {
  port?: number;
  session?: keyof typeof house.sessions;
  /** Nothing is there yet. */
  empty?: boolean;
}

export async function startMadeBerth({
  port = 0,
  session = "admin",
  empty,
}: MadeOptions = {}): Promise<MadeBerth> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? "/", "http://made");
    response.setHeader("Content-Security-Policy", policy);
    if (!url.pathname.startsWith("/api/v1/")) {
      const file = url.pathname.startsWith("/assets/") ? url.pathname : "/index.html";
      response.setHeader("Content-Type", types[extname(file)] ?? "");
      return response.end(await readFile(join(page, file)));
    }
    const path = url.pathname.slice("/api/v1".length);
    if (path === "/live" || path.endsWith("/logs")) return tell(path, response);
    const body = request.method === "GET" ? view(path, url.searchParams) : undefined;
    if (body === undefined) return response.writeHead(request.method === "GET" ? 404 : 204).end();
    return response.setHeader("Content-Type", "application/json").end(JSON.stringify(body));
  }

  function view(path: string, search: URLSearchParams): unknown {
    const repository = search.get("repository") ?? "";
    const contains = search.get("contains") ?? "";
    const lists = ["/repositories", "/tags", "/removed-tags", "/upstreams", "/containers"];
    if (empty === true && lists.includes(path)) return { ...tagsOf(repository), items: [] };
    switch (path) {
      case "/session":
        return house.sessions[session];
      case "/repositories":
        return { items: house.repositories.items.filter(({ name }) => name.includes(contains)) };
      case "/tags": {
        const tags = tagsOf(repository);
        return { ...tags, items: tags.items.filter(({ name }) => name.includes(contains)) };
      }
      case "/manifest":
        return manifestOf(repository, search.get("reference") ?? "");
      case "/removed-tags":
        return house.removed;
      case "/usage":
        return house.usage;
      case "/upstreams":
        return house.upstreams;
      case "/activity":
        return house.activity(0);
      case "/health":
        return house.health;
      case "/containers":
        return house.containers;
      default:
        return undefined;
    }
  }

  function tell(path: string, response: ServerResponse) {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    let turn = 0;
    const next = () => {
      const data = path === "/live" ? house.activity(turn) : `GET /cart/${turn} 200 in ${turn + 3} ms`;
      response.write(`data: ${JSON.stringify(data)}\n\n`);
      turn += 1;
    };
    for (let at = 0; at < 12; at += 1) next();
    const ticks = setInterval(next, 1_000);
    response.on("close", () => clearInterval(ticks));
  }

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
