import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { RequestListener } from "node:http";
import { test } from "node:test";
import { pullLoad } from "./load/clients.ts";
import type { PullJob } from "./pull/job.ts";
import { serve } from "./serve.ts";

const signal = AbortSignal.timeout(60_000);
const layers = [3_000_000, 0, 5, 70_000].map((size, i) => Buffer.alloc(size, String(i)));
const config = Buffer.from("{}");
const describe = (bytes: Buffer) => ({ digest: digestOf(bytes), size: bytes.length });
const manifest = Buffer.from(JSON.stringify({ config: describe(config), layers: layers.map(describe) }));
const size = [manifest, config, ...layers].reduce((sum, { length }) => sum + length, 0);
const blobs = new Map([config, ...layers].map((bytes) => [digestOf(bytes), bytes]));

/** Answers for every repository. */
const registry: RequestListener = (request, response) => {
  const url = request.url ?? "";
  const body = url.includes("/manifests/") ? manifest : blobs.get(url.slice(url.lastIndexOf("/") + 1));
  if (body === undefined) return response.writeHead(404).end("no such blob");
  response.writeHead(200, { "Content-Length": body.length }).end(body);
};

test("clients share images, and what warms up isn't counted", async () => {
  const asked: string[] = [];
  await using server = await serve((request, response) => {
    asked.push(request.url ?? "");
    void registry(request, response);
  });
  const report = await pull(server.port, { clients: 2, warmup: 1, images: images(4), hash: true });
  assert.deepEqual([report.failed, report.pulls.length, report.firstBytes.length], [0, 3, 3]);
  assert.equal(report.bytes, 3 * size);
  assert.equal(asked.filter((url) => url.endsWith("/repo-0/manifests/latest")).length, 1);
  assert.equal(asked.length, 4 * 6);
});

test("every client of a crowd pulls the image", async () => {
  await using server = await serve(registry);
  const report = await pull(server.port, { kind: "crowd", clients: 20, images: images(1) });
  assert.deepEqual([report.failed, report.pulls.length, report.bytes], [0, 20, 20 * size]);
});

test("a crowd that only wants first bytes goes home when each has one", async () => {
  let began = 0;
  const clients = 8;
  await using server = await serve((request, response) => {
    if (!request.url?.includes(digestOf(layers[0] ?? config))) return void registry(request, response);
    began++;
    // The rest never comes.
    response.writeHead(200, { "Content-Length": 3_000_000 }).write("first");
  });
  const job = { kind: "crowd", clients, images: images(1), onlyFirstBytes: true } as const;
  const report = await pull(server.port, job);
  assert.deepEqual([began, report.firstBytes.length, report.failed], [clients, clients, 0]);
});

test("pulls that fail are counted, and say why", async () => {
  const wrong = digestOf(layers[3] ?? config);
  const faults: [RequestListener, RegExp][] = [
    [(_, response) => response.writeHead(503).end("too busy"), /answered HTTP\/1\.1 503 .*too busy/s],
    [(_, response) => response.setHeader("Content-Length", 70_000).end("x".repeat(70_000)), /another digest/],
    [
      (_, response) => {
        response.writeHead(200, { "Content-Length": 70_000 });
        response.write("y", () => response.destroy());
      },
      /bytes before the end/,
    ],
  ];
  for (const [fault, words] of faults) {
    await using server = await serve((request, response) =>
      request.url?.endsWith(wrong) ? fault(request, response) : registry(request, response),
    );
    const report = await pull(server.port, { images: images(2), hash: true });
    assert.deepEqual([report.failed, report.pulls.length], [2, 0]);
    assert.match(report.faults[0] ?? "", words);
  }
});

function images(count: number) {
  return Array.from({ length: count }, (_, i) => ({ repository: `repo-${i}`, tag: "latest" }));
}

async function pull(port: number, job: Pick<PullJob, "images"> & Partial<PullJob>) {
  const standard = { kind: "shared", clients: 1, warmup: 0, hash: false } as const;
  return await pullLoad({ host: "127.0.0.1", port, ...standard, ...job }, signal);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
