import assert from "node:assert/strict";
import { test } from "node:test";
import { readLoad } from "./load/clients.ts";
import { serve } from "./serve.ts";

const signal = AbortSignal.timeout(60_000);

test("whole bodies are counted, with a length and in transfer chunks", async () => {
  for (const chunked of [false, true]) {
    let answered = 0;
    await using server = await serve((_request, response) => {
      answered++;
      if (!chunked) response.setHeader("Content-Length", 100_000);
      response.write(Buffer.alloc(60_000));
      response.end(Buffer.alloc(40_000));
    });
    const result = await read("GET", server.port);
    assert.ok(result.operations > 0);
    assert.ok(result.operations <= answered);
    assert.ok(result.bytes >= result.operations * 100_000);
  }
});

test("an answer slower than the time given is waited for", async () => {
  await using server = await serve((_request, response) => {
    setTimeout(() => response.setHeader("Content-Length", 2).end("ok"), 700);
  });
  const result = await read("GET", server.port);
  assert.ok(result.operations >= 3);
  assert.ok(result.seconds > 0.3);
});

test("HEAD doesn't wait for the body that Content-Length announces", async () => {
  await using server = await serve((_request, response) => {
    response.setHeader("Content-Length", 5_000_000);
    response.end();
  });
  assert.ok((await read("HEAD", server.port)).operations > 1);
});

test("an answer other than 200 fails the row with its status and body", async () => {
  await using server = await serve((_request, response) => {
    response.writeHead(503, { "Content-Length": 8 }).end("too busy");
  });
  await assert.rejects(read("GET", server.port), /answered HTTP\/1\.1 503 .*too busy/s);
});

async function read(method: "GET" | "HEAD", port: number) {
  const job = {
    host: "127.0.0.1",
    port,
    method,
    paths: ["/a", "/b"],
    headers: {},
    connections: 3,
    warmup: 0,
  };
  return await readLoad({ ...job, seconds: 0.3 }, { wrk: undefined, folder: "", large: false }, signal);
}
