import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json: unknown;
}

/** One request over a unix socket; an object goes as JSON. */
export function askSocket(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  headers: OutgoingHttpHeaders = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const sent = httpRequest(
      {
        socketPath,
        method,
        path,
        headers: {
          ...(text !== undefined && {
            "Content-Type": "application/json",
            "Content-Length": Buffer.byteLength(text),
          }),
          ...headers,
        },
      },
      (response) => {
        let answer = "";
        response.setEncoding("utf8").on("data", (part: string) => (answer += part));
        response.on("error", reject).on("end", () => {
          const json: unknown = /json/.test(response.headers["content-type"] ?? "")
            ? parsed(answer)
            : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: answer, json });
        });
      },
    );
    sent.on("error", reject);
    sent.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
