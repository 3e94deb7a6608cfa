import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SeenRequest } from "./fault-proxy.ts";

/**
 * As much of S3 as a push needs, in memory: it takes every header, also those that the servers of the tests
 * refuse (encryption, storage classes), and remembers what was sent.
 */
export interface RecordingServer extends AsyncDisposable {
  url: string;
  requests: SeenRequest[];
}

export async function startRecordingServer(): Promise<RecordingServer> {
  const requests: SeenRequest[] = [];
  const objects = new Map<string, Buffer>();
  const uploads = new Map<string, Map<number, Buffer>>();
  const etag = (bytes: Buffer) => `"${createHash("md5").update(bytes).digest("hex")}"`;

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = req;
    requests.push({ line: `${method} ${url}`, headers });
    const { pathname, searchParams: query } = new URL(url, "http://s3");
    const key = decodeURIComponent(pathname.split("/").slice(2).join("/"));
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const upload = query.get("uploadId");
    const xml = (text: string) => res.setHeader("content-type", "application/xml").end(text);

    if (method === "GET" && query.has("list-type")) {
      const prefix = query.get("prefix") ?? "";
      const found = [...objects].filter(([name]) => name.startsWith(prefix));
      const entry = ([name, bytes]: [string, Buffer]) =>
        `<Contents><Key>${name}</Key><Size>${bytes.length}</Size><ETag>${etag(bytes)}</ETag></Contents>`;
      xml(
        `<ListBucketResult><IsTruncated>false</IsTruncated>${found.map(entry).join("")}</ListBucketResult>`,
      );
    } else if (method === "GET" && query.has("uploads"))
      xml(`<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>`);
    else if (method === "GET" && upload !== null)
      xml(`<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>`);
    else if (method === "POST" && query.has("uploads")) {
      const id = randomUUID();
      uploads.set(id, new Map());
      xml(
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId><Key>${key}</Key></InitiateMultipartUploadResult>`,
      );
    } else if (method === "POST" && upload !== null) {
      const parts = [...(uploads.get(upload) ?? [])].sort(([one], [other]) => one - other);
      objects.set(key, Buffer.concat(parts.map(([, bytes]) => bytes)));
      xml(`<CompleteMultipartUploadResult><ETag>"x-1"</ETag></CompleteMultipartUploadResult>`);
    } else if (method === "PUT") {
      if (upload !== null) uploads.get(upload)?.set(Number(query.get("partNumber")), body);
      else if (!query.has("tagging")) objects.set(key, body);
      res.setHeader("etag", etag(body)).end();
    } else if (method === "DELETE") {
      if (upload === null) objects.delete(key);
      res.writeHead(204).end();
    } else {
      const found = objects.get(key);
      if (found === undefined) return void res.writeHead(404).end();
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
      const part = from === undefined ? found : found.subarray(Number(from), Number(to) + 1);
      res.writeHead(from === undefined ? 200 : 206, { "content-length": part.length, etag: etag(found) });
      res.end(method === "HEAD" ? undefined : part);
    }
  }

  const server = createServer((req, res) => void answer(req, res).catch(() => res.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
