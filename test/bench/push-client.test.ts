import assert from "node:assert/strict";
import { createHash, type Hash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { test } from "node:test";
import { pushLoad } from "./load/clients.ts";
import type { PushJob } from "./push/job.ts";

const signal = AbortSignal.timeout(60_000);
const jobs: [PushJob["kind"], number][] = [
  ["small", 10 * 1024],
  ["monolithic", 3_000_000],
  ["patch", 3_000_000],
  ["chunked", 65 * 1024 * 1024],
  ["pieces", 5 * 1024 * 1024 + 7],
];

for (const [kind, size] of jobs) {
  for (const location of ["relative", "absolute"] as const) {
    test(`${kind} pushes send unique blobs that match their digests, ${location} Location`, async () => {
      await using registry = await smallRegistry(location);
      const report = await pushLoad(jobFor(kind, size, registry.port), signal);
      assert.equal(report.operations, 3);
      assert.equal(report.bytes, 3 * size);
      assert.deepEqual([...registry.blobs.keys()].sort(), [...report.digests].sort());
      for (const length of registry.blobs.values()) assert.equal(length, size);
    });
  }
}

test("mounts go into a new repository when all blobs were mounted", async () => {
  await using registry = await smallRegistry("relative");
  const job = {
    ...jobFor("mount", 0, registry.port),
    connections: 1,
    from: "from/here",
    blobs: ["sha256:a", "sha256:b"],
  };
  await pushLoad(job, signal);
  assert.deepEqual(registry.mounts, ["target-0 sha256:a", "target-0 sha256:b", "target-1 sha256:a"]);
});

test("an answer that isn't the right one fails the row with its status and body", async () => {
  await using registry = await smallRegistry("relative", 507);
  await assert.rejects(
    pushLoad(jobFor("patch", 3_000_000, registry.port), signal),
    /PATCH .* answered 507 instead of 202: .*disk is full/s,
  );
});

function jobFor(kind: PushJob["kind"], size: number, port: number): PushJob {
  const repository = "target";
  return {
    host: "127.0.0.1",
    port,
    kind,
    repository,
    connections: 2,
    size,
    warmup: 0,
    seconds: 30,
    most: 3,
    piece: 2 * 1024 * 1024,
  };
}

/** Takes uploads and remembers size by digest; not a registry otherwise. */
async function smallRegistry(location: "relative" | "absolute", patchStatus = 202) {
  const blobs = new Map<string, number>();
  const mounts: string[] = [];
  const sessions = new Map<string, { hash: Hash; size: number }>();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
    const id = url.searchParams.get("_state") ?? String(sessions.size);
    const session = sessions.get(id) ?? { hash: createHash("sha256"), size: 0 };
    const range = request.headers["content-range"];
    if (range !== undefined) assert.equal(Number(range.split("-")[0]), session.size);
    for await (const piece of request as AsyncIterable<Buffer>) {
      session.hash.update(piece);
      session.size += piece.length;
    }
    const target = `/v2/target/blobs/uploads/x?_state=${id}`;
    response.setHeader("Location", location === "relative" ? target : url.origin + target);
    const mount = url.searchParams.get("mount");
    if (mount !== null) {
      mounts.push(`${url.pathname.split("/")[2]} ${mount}`);
      return response.writeHead(201).end();
    }
    if (request.method === "POST") {
      sessions.set(id, session);
      return response.writeHead(202).end();
    }
    if (request.method === "PATCH" && patchStatus !== 202)
      return response.writeHead(patchStatus).end("disk is full");
    if (request.method === "PATCH") return response.writeHead(202).end();
    const digest = `sha256:${session.hash.digest("hex")}`;
    if (digest !== url.searchParams.get("digest")) return response.writeHead(400).end("wrong digest");
    blobs.set(digest, session.size);
    return response.writeHead(201).end();
  };
  const server = createServer(
    (request, response) => void handle(request, response).catch(() => response.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    blobs,
    mounts,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
