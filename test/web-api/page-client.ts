import assert from "node:assert/strict";
import type { OutgoingHttpHeaders } from "node:http";
import { registryClient } from "../harness/registry-client.ts";

export interface PageAnswer {
  status: number;
  headers: { get(name: string): string | undefined };
  text: string;
  // What came as JSON, for tests to look into.
  json: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

export interface PageClient {
  csrf: string;
  /** `berth_session=…`; undefined: nobody is signed in. */
  cookie: string | undefined;
  get(path: string, headers?: OutgoingHttpHeaders): Promise<PageAnswer>;
  /** A change as the page sends it: same origin, with its token. A header of undefined isn't sent. */
  change(method: string, path: string, body?: unknown, headers?: OutgoingHttpHeaders): Promise<PageAnswer>;
  signIn(name: string, password: string): Promise<PageAnswer>;
}

/** What the page's script does, in a browser of its own. Paths are below /api/v1. */
export function pageClient(url: string): PageClient {
  const client = registryClient(url);

  async function ask(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    body?: unknown,
  ): Promise<PageAnswer> {
    const sent: OutgoingHttpHeaders = {
      ...(page.cookie === undefined ? {} : { cookie: page.cookie }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    };
    for (const name of Object.keys(sent)) if (sent[name] === undefined) delete sent[name];
    const answer = await client.request(method, `/api/v1${path}`, {
      headers: sent,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = answer.body.toString("utf8");
    const isJson = answer.headers.get("content-type")?.startsWith("application/json") === true;
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson && text !== "" ? JSON.parse(text) : undefined,
    };
  }

  const page: PageClient = {
    csrf: "open",
    cookie: undefined,
    get: (path, headers = {}) => ask("GET", path, headers),
    change: (method, path, body, headers = {}) =>
      ask(
        method,
        path,
        { origin: url, "sec-fetch-site": "same-origin", "x-csrf-token": page.csrf, ...headers },
        body,
      ),
    async signIn(name, password) {
      const answer = await ask(
        "POST",
        "/session",
        { origin: url, "sec-fetch-site": "same-origin" },
        { name, password },
      );
      const [cookie] = (answer.headers.get("set-cookie") ?? "").split(";");
      if (answer.status === 200) {
        assert.ok(cookie);
        page.cookie = cookie;
        page.csrf = answer.json.csrf;
      }
      return answer;
    },
  };
  return page;
}
