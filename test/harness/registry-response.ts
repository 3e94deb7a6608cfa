import assert from "node:assert/strict";
import type http from "node:http";

export interface Response {
  method: string;
  path: string;
  status: number;
  headers: ResponseHeaders;
  body: Buffer;
}

/** Response headers as they came, by name without regard to case. */
export class ResponseHeaders {
  readonly #pairs: [string, string][] = [];

  /** @param raw name, value, name, value … */
  constructor(raw: string[]) {
    for (let i = 0; i + 1 < raw.length; i += 2) {
      this.#pairs.push([(raw[i] ?? "").toLowerCase(), raw[i + 1] ?? ""]);
    }
  }

  /** Every value of a header that may stand several times. */
  all(name: string): string[] {
    return this.#pairs.filter(([key]) => key === name.toLowerCase()).map(([, value]) => value);
  }

  /** The one value, or undefined; a header that stands twice is a failure. */
  get(name: string): string | undefined {
    const values = this.all(name);
    assert.ok(values.length <= 1, `header ${name} stands ${values.length} times: ${values.join(" | ")}`);
    return values[0];
  }

  /** All but those that differ from answer to answer. */
  comparable(): [string, string][] {
    const changing = new Set(["date", "connection", "keep-alive", "x-request-id"]);
    return this.#pairs
      .filter(([key]) => !changing.has(key))
      .sort(([a, x], [b, y]) => (a + "\n" + x < b + "\n" + y ? -1 : 1));
  }
}

/** The answer began and then the connection broke. */
export class BrokenOff extends Error {
  readonly response: Response;
  constructor(response: Response) {
    super(`the answer ${response.status} broke off after ${response.body.length} bytes`);
    this.response = response;
  }
}

/** Reads an answer to its end; BrokenOff when there is none. */
export async function receive(method: string, path: string, incoming: http.IncomingMessage) {
  const chunks: Buffer[] = [];
  const headers = new ResponseHeaders(incoming.rawHeaders);
  const response = () => ({
    ...{ method, path, status: incoming.statusCode ?? 0, headers },
    body: Buffer.concat(chunks),
  });
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch (error) {
    throw Object.assign(new BrokenOff(response()), { cause: error });
  }
  return response();
}

/** The first answer in what a bare connection received. */
export function parseAnswer(bytes: Buffer): Response {
  const end = bytes.indexOf("\r\n\r\n");
  assert.ok(end > 0, `no HTTP answer in ${JSON.stringify(bytes.toString("latin1").slice(0, 200))}`);
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = new ResponseHeaders(
    lines.flatMap((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  let body = bytes.subarray(end + 4);
  if (headers.get("transfer-encoding") === "chunked") body = unchunk(body);
  return {
    method: "raw",
    path: "",
    status: Number(statusLine.split(" ")[1]),
    headers,
    body,
  };
}

function unchunk(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const line = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, line), 16);
    if (line < 0 || Number.isNaN(size) || size === 0) break;
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

/** Fails with the answer's body, which says why. */
export function expectStatus(response: Response, ...statuses: number[]): void {
  const { method, path, status, body } = response;
  const shown = `${method} ${path} → ${status} ${body.toString("utf8").slice(0, 500)}`;
  assert.ok(statuses.includes(status), `${shown}, expected ${statuses.join(" or ")}`);
}

/** distribution-spec "Error Codes". The table has nothing for faults of the server: there, two more are known. */
const codes = new Set(
  (
    "BLOB_UNKNOWN BLOB_UPLOAD_INVALID BLOB_UPLOAD_UNKNOWN DIGEST_INVALID MANIFEST_BLOB_UNKNOWN " +
    "MANIFEST_INVALID MANIFEST_UNKNOWN NAME_INVALID NAME_UNKNOWN SIZE_INVALID UNAUTHORIZED DENIED " +
    "UNSUPPORTED TOOMANYREQUESTS"
  ).split(" "),
);

/**
 * The answer is an OCI error body with this status and code (any code of the spec's table where
 * undefined), and tells nothing of the server's inside. Of a HEAD only status and headers count.
 */
export function expectError(response: Response, status: number, code?: string): void {
  expectStatus(response, status);
  assert.equal(response.headers.get("content-type"), "application/json");
  if (response.method === "HEAD") return assert.equal(response.body.length, 0);
  const text = response.body.toString("utf8");
  assert.equal(response.headers.get("content-length"), String(response.body.length));
  const parsed = JSON.parse(text) as {
    errors: { code: string; message: string; detail?: unknown }[];
  };
  assert.deepEqual(Object.keys(parsed), ["errors"]);
  assert.ok(Array.isArray(parsed.errors) && parsed.errors.length > 0, text);
  for (const error of parsed.errors) {
    const known = codes.has(error.code) || (status >= 500 && ["UNKNOWN", "UNAVAILABLE"].includes(error.code));
    assert.ok(known, `${error.code} is not in the specification's table`);
    assert.ok(typeof error.message === "string" && error.message !== "", text);
    for (const key of Object.keys(error)) assert.ok(["code", "message", "detail"].includes(key), text);
  }
  if (code !== undefined) assert.equal(parsed.errors[0]?.code, code, text);
  assert.doesNotMatch(text, /node:internal|node_modules|SQLITE|ENOENT|EACCES|\.ts:\d|\/storage\/blobs\//);
}
