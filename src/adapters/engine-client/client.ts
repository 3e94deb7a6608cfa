/** A small client of the engine's socket: requests with JSON, streamed answers, and connections taken over (hijack). */
import { request, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Refusal } from "./refusal.ts";

/** The oldest that has all of what is asked here. */
const version = "/v1.41";

export interface EngineClient {
  /** JSON of the answer, undefined where it has none. Throws Refusal for 4xx and 5xx. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** The answer's head, its body still to come; 304 is no refusal. */
  open(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<IncomingMessage>;
  /** A connection that is bytes both ways from here on. */
  hijack(path: string, body?: unknown): Promise<Socket>;
}

export function createEngineClient(socketPath: string): EngineClient {
  function send(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    upgraded?: (socket: Socket, head: Buffer) => void,
  ): Promise<IncomingMessage> {
    const text = body === undefined ? "" : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const asked = request({
        // A connection each: a wait holds one for as long as a container runs.
        agent: false,
        socketPath,
        method,
        path: version + path,
        headers: {
          Host: "berth",
          ...(body !== undefined && { "Content-Type": "application/json" }),
          ...(method === "POST" && { "Content-Length": String(Buffer.byteLength(text)) }),
          ...headers,
        },
      });
      asked.once("error", (error: NodeJS.ErrnoException) => reject(unreachable(socketPath, error)));
      asked.once("upgrade", (answer, socket, head) => {
        upgraded?.(socket, head);
        resolve(answer);
      });
      asked.once("response", (answer) => {
        const { statusCode = 0 } = answer;
        if (statusCode < 400) resolve(answer);
        else void wholeText(answer).then((said) => reject(new Refusal(statusCode, messageOf(said))), reject);
      });
      asked.end(text);
    });
  }

  return {
    async call<T>(method: string, path: string, body?: unknown) {
      const text = await wholeText(await send(method, path, body, {}));
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
    open: (method, path, body, headers = {}) => send(method, path, body, headers),
    async hijack(path, body) {
      let taken: Socket | undefined;
      const answer = await send(
        "POST",
        path,
        body,
        { Connection: "Upgrade", Upgrade: "tcp" },
        (socket, head) => {
          taken = socket;
          if (head.length > 0) socket.unshift(head);
        },
      );
      if (taken !== undefined) return taken;
      answer.destroy();
      throw new Error("the engine didn't give the connection over; is it one?");
    },
  };
}

/** `/containers/NAME/stop?t=5`; names of images keep their slashes and colons, as docker sends them; undefined parameters are left out. */
export function pathOf(
  segments: readonly string[],
  query: Readonly<Record<string, string | number | boolean | undefined>> = {},
): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return `/${segments.map(encoded).join("/")}${text === "" ? "" : `?${text}`}`;
}

function encoded(segment: string): string {
  return encodeURIComponent(segment).replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%40", "@");
}

export async function wholeText(answer: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // Not JSON: its words are what there is.
  }
  return text.trim() || "the engine refused without a word";
}

function unreachable(path: string, error: NodeJS.ErrnoException): Error {
  const why: Record<string, string> = {
    ENOENT: "there is no such socket; start the engine (berth engine, as root), or name another (--host)",
    ECONNREFUSED: "nobody answers there; start the engine (berth engine, as root)",
    EACCES: "this user may not open it; use a user of its group (engine.group), or root",
  };
  const text = `the engine at unix://${path} can't be reached: ${why[error.code ?? ""] ?? error.message}`;
  return Object.assign(new Error(text, { cause: error }), { code: error.code ?? "unreachable" });
}
