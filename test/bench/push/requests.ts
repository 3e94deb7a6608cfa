import type { Answer } from "./answer.ts";

/** Request targets and heads for one server. */
export interface Requests {
  head(method: string, target: string, ...fields: string[]): Buffer;
  /** The request target of a Location header, relative or absolute, with `more` in its query. */
  follow(answer: Answer, asked: string, more?: string): string;
}

export function requests(host: string, port: number): Requests {
  return {
    head: (method, target, ...fields) =>
      Buffer.from(
        [`${method} ${target} HTTP/1.1`, `Host: ${host}:${port}`, ...fields, "", ""].join("\r\n"),
        "latin1",
      ),
    follow(answer, asked, more) {
      const target = targetOf(answer.location, asked);
      if (more === undefined) return target;
      return `${target}${target.includes("?") ? "&" : "?"}${more}`;
    },
  };
}

function targetOf(location: string | undefined, asked: string): string {
  if (location === undefined) throw new Error(`the answer to ${asked} has no Location`);
  if (location.startsWith("/") && !location.startsWith("//")) return location;
  const url = new URL(location, `http://localhost${asked}`);
  return url.pathname + url.search;
}

/** Passes an answer on when it has the status that it should have; else says what came instead. */
export function expectStatus(answer: Answer, status: number, asked: string): Answer {
  if (answer.status === status) return answer;
  throw new Error(`${asked} answered ${answer.status} instead of ${status}: ${answer.body.slice(0, 1000)}`);
}
