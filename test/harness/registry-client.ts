import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { Readable } from "node:stream";
import { digestOf, type Algorithm, type ManifestContent } from "./registry-content.ts";
import { expectStatus, parseAnswer, receive, type Response } from "./registry-response.ts";

export * from "./registry-content.ts";
export {
  BrokenOff,
  expectError,
  expectStatus,
  receive,
  ResponseHeaders,
  type Response,
} from "./registry-response.ts";

/**
 * A registry client for tests: nothing is normalised, retried or followed, every wait is bounded, and each
 * request has a connection of its own. `request` takes any path that Node's client can send; `raw` takes
 * the bytes of any request at all.
 */
export type RegistryClient = ReturnType<typeof registryClient>;

export type Body = Uint8Array | string | AsyncIterable<Uint8Array>;

export interface RequestOptions {
  headers?: http.OutgoingHttpHeaders;
  /** Bytes go with a Content-Length, an iterable goes chunked, unless the headers say otherwise. */
  body?: Body;
  /** Milliseconds until the request counts as hung. */
  timeout?: number;
}

export type PushHow = "post-put" | "post" | "patch" | "chunked";

export interface PushOptions {
  repo: string;
  algorithm?: Algorithm;
  how?: PushHow;
}

export interface PutManifestOptions {
  /** `?tag=` parameters. */
  tags?: string[];
  headers?: http.OutgoingHttpHeaders;
}

const hung = 30_000;

/**
 * @param url origin of the registry, e.g. `http://127.0.0.1:5000`.
 * @param tls the CA to trust, and a certificate of one's own, where the origin is https.
 * @param always headers of every request, such as Authorization; a request's own win.
 */
export function registryClient(
  url: string,
  tls: Pick<https.RequestOptions, "ca" | "cert" | "key"> = {},
  always: http.OutgoingHttpHeaders = {},
) {
  const { hostname, port, protocol } = new URL(url);
  const send = protocol === "https:" ? https.request : http.request;

  /** Sends the head (and the body, where given); for slow bodies write to `request` and end it. */
  function begin(method: string, path: string, options: RequestOptions = {}) {
    const { body } = options;
    const headers: http.OutgoingHttpHeaders = { ...always, ...options.headers };
    const named = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
    if (!named.has("content-length") && !named.has("transfer-encoding")) {
      if (typeof body === "string" || body instanceof Uint8Array) {
        headers["content-length"] = Buffer.byteLength(body);
      } else if (body !== undefined) headers["transfer-encoding"] = "chunked";
      else if (["POST", "PUT", "PATCH"].includes(method)) headers["content-length"] = 0;
    }
    const signal = AbortSignal.timeout(options.timeout ?? hung);
    const request = send({
      ...tls,
      hostname,
      port,
      method,
      path,
      headers,
      agent: false,
      signal,
    });
    const response = new Promise<http.IncomingMessage>((resolve, reject) => {
      // An answer may come before the body has gone out; then a failing write is no failure.
      request.once("response", resolve);
      request.on("error", reject);
    });
    response.catch(() => undefined);
    return { request, response };
  }

  /** One request and its whole answer. Rejects with `BrokenOff` when the answer doesn't come to its end. */
  async function request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const { request: outgoing, response } = begin(method, path, options);
    const { body } = options;
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) outgoing.end(body);
    else {
      const source = Readable.from(body, { objectMode: true });
      source.on("error", (error) => outgoing.destroy(error));
      source.pipe(outgoing);
    }
    return receive(method, path, await response);
  }

  /** Sends bytes over a bare connection and reads one answer. The bytes should say `Connection: close`. */
  async function raw(bytes: Uint8Array | string, timeout = hung): Promise<Response> {
    const socket = net.connect({ host: hostname, port: Number(port) });
    socket.on("error", () => undefined);
    const signal = AbortSignal.timeout(timeout);
    const abort = () => socket.destroy();
    signal.addEventListener("abort", abort);
    try {
      await once(socket, "connect");
      socket.write(bytes);
      const received: Buffer[] = [];
      for await (const chunk of socket) received.push(chunk as Buffer);
      assert.ok(!signal.aborted, `no complete answer after ${timeout} ms`);
      return parseAnswer(Buffer.concat(received));
    } finally {
      signal.removeEventListener("abort", abort);
      socket.destroy();
    }
  }

  /** Path and query of a Location header, relative or absolute. */
  function pathOf(response: Response): string {
    const location = response.headers.get("location");
    assert.ok(location, `${response.method} ${response.path} gave no Location (status ${response.status})`);
    const target = new URL(location, new URL(response.path, url));
    return target.pathname + target.search;
  }

  /** Begins a session; `query` as `?digest-algorithm=sha512`. Returns the session's path. */
  async function startUpload(repo: string, query = ""): Promise<string> {
    const response = await request("POST", `/v2/${repo}/blobs/uploads/${query}`);
    expectStatus(response, 202);
    return pathOf(response);
  }

  /** Pushes a blob and asserts each step. Returns its digest. */
  async function pushBlob(bytes: Uint8Array, options: PushOptions): Promise<string> {
    const { repo, algorithm = "sha256", how = "post-put" } = options;
    const digest = digestOf(bytes, algorithm);
    const type = { "content-type": "application/octet-stream" };
    if (how === "post") {
      const path = `/v2/${repo}/blobs/uploads/?digest=${digest}`;
      expectStatus(await request("POST", path, { headers: type, body: bytes }), 201);
      return digest;
    }
    let session = await startUpload(repo, algorithm === "sha256" ? "" : `?digest-algorithm=${algorithm}`);
    const patch = async (body: Body, headers: http.OutgoingHttpHeaders) => {
      const response = await request("PATCH", session, {
        headers: { ...type, ...headers },
        body,
      });
      expectStatus(response, 202);
      session = pathOf(response);
    };
    let last: Uint8Array = bytes;
    if (how === "patch") {
      await patch(Readable.from([bytes]), {});
      last = new Uint8Array();
    } else if (how === "chunked") {
      const half = Math.ceil(bytes.length / 2);
      if (half > 0)
        await patch(bytes.subarray(0, half), {
          "content-range": `0-${half - 1}`,
        });
      if (half < bytes.length) {
        await patch(bytes.subarray(half), {
          "content-range": `${half}-${bytes.length - 1}`,
        });
      }
      last = new Uint8Array();
    }
    const put = await request("PUT", withQuery(session, `digest=${digest}`), {
      headers: type,
      body: last,
    });
    expectStatus(put, 201);
    return digest;
  }

  /** PUT of a manifest; the answer is for the test to judge. */
  async function putManifest(
    repo: string,
    reference: string,
    body: Body,
    mediaType: string,
    options: PutManifestOptions = {},
  ): Promise<Response> {
    const query = (options.tags ?? []).map((tag) => `tag=${encodeURIComponent(tag)}`).join("&");
    const path = `/v2/${repo}/manifests/${reference}${query === "" ? "" : "?" + query}`;
    return request("PUT", path, {
      headers: { "content-type": mediaType, ...options.headers },
      body,
    });
  }

  /** Pushes an image's blobs and then its manifest (or just an index), all asserted. */
  async function push(repo: string, content: ManifestContent, reference = content.digest): Promise<Response> {
    for (const blob of content.blobs) {
      const algorithm = blob.digest.startsWith("sha512:") ? "sha512" : "sha256";
      await pushBlob(blob.bytes, { repo, algorithm });
    }
    const response = await putManifest(repo, reference, content.bytes, content.mediaType);
    expectStatus(response, 201);
    return response;
  }

  const get = (path: string, headers: http.OutgoingHttpHeaders = {}) => request("GET", path, { headers });
  const head = (path: string, headers: http.OutgoingHttpHeaders = {}) => request("HEAD", path, { headers });
  const remove = (path: string) => request("DELETE", path);

  return {
    url,
    begin,
    request,
    raw,
    get,
    head,
    remove,
    pathOf,
    startUpload,
    pushBlob,
    putManifest,
    push,
  };
}

/** `path` with one more query parameter (already encoded). */
export function withQuery(path: string, parameter: string): string {
  return path + (path.includes("?") ? "&" : "?") + parameter;
}
