import assert from "node:assert/strict";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { inspect } from "node:util";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import { freshBytes, oci } from "../../harness/registry-content.ts";
import { startFaultyUpstream } from "../../upstreams/faulty-upstream.ts";
import {
  blobOf,
  bytesOf,
  digest,
  manifestOf,
  rejectsAs,
  repository,
  sameBytes,
  soon,
  tag,
  upstreamOf,
} from "./asked.ts";

async function served() {
  const server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  const bytes = freshBytes(200_000);
  return { server, bytes, id: server.addBlob("library/busybox", bytes) };
}

test("what isn't there is unknown: a tag, a blob, a repository, a name that the upstream doesn't take", async () => {
  const { server } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  await rejectsAs(
    manifestOf(upstream, tag("gone")),
    "upstream-unknown",
    /up\.test has no library\/busybox:gone/,
  );
  await rejectsAs(blobOf(upstream, `sha256:${"0".repeat(64)}`), "upstream-unknown", /blob sha256:0+/);
  const page = upstream.tags(repository("no/such"), { limit: 10, last: undefined }, soon());
  await rejectsAs(page, "upstream-unknown", /the tags of no\/such/);
  const body = JSON.stringify({ errors: [{ code: "NAME_INVALID", message: "?" }] });
  server.harm("manifest", { status: 400, body }, 1);
  await rejectsAs(manifestOf(upstream), "upstream-unknown");
  server.harm("manifest", { status: 400, body: "bad gateway or so" }, 1);
  await rejectsAs(manifestOf(upstream), "upstream-failed", /400/);
});

test("a tag that moved, and an image that is gone, are seen with the next question", async () => {
  const { server } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  const next = oci.image();
  server.add("library/busybox", next, "latest");
  const head = await upstream.head(repository(), tag(), undefined, soon());
  assert.equal(head !== "unchanged" && head.digest, next.digest);
  server.remove("library/busybox");
  await rejectsAs(upstream.head(repository(), tag(), undefined, soon()), "upstream-unknown");
});

for (const status of [401, 403, 451])
  test(`${status} is a refusal`, async () => {
    const { server } = await served();
    await using _ = server;
    await using upstream = upstreamOf(server.url);
    server.harm("manifest", { status });
    await rejectsAs(manifestOf(upstream), "upstream-refused", /library\/busybox:latest/);
  });

for (const status of [408, 500, 502, 503, 504, 418])
  test(`${status} is a failure, and the next question may go well`, async () => {
    const { server } = await served();
    await using _ = server;
    await using upstream = upstreamOf(server.url);
    server.harm("manifest", { status, body: "<html>oops</html>" }, 1);
    await rejectsAs(manifestOf(upstream), "upstream-failed", new RegExp(`answers ${status}`));
    assert.ok(await manifestOf(upstream));
    assert.equal(server.count("manifest"), 2);
  });

test("429 says how long to wait: in seconds, as a date, not at all, never more than a day", async () => {
  const { server } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  const asked = async (retryAfter: string | undefined) => {
    server.harm(
      "manifest",
      { status: 429, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } },
      1,
    );
    return (await rejectsAs(manifestOf(upstream), "upstream-limited", /429/)).retryAfter;
  };
  assert.equal(await asked("17"), 17);
  const inAMinute = await asked(new Date(Date.now() + 60_000).toUTCString());
  assert.ok(inAMinute !== undefined && inAMinute > 50 && inAMinute <= 60, String(inAMinute));
  assert.equal(await asked(undefined), undefined);
  assert.equal(await asked("soon"), undefined);
  assert.equal(await asked("99999999999"), 86_400);
  assert.equal(await asked("Fri, 31 Dec 9999 23:59:59 GMT"), 86_400);
  assert.equal(await asked("Fri, 31 Dec 1999 23:59:59 GMT"), 0);
});

test("what the upstream says of its limits is passed on", async () => {
  const { server } = await served();
  await using _ = server;
  const said: unknown[] = [];
  await using upstream = upstreamOf(server.url, { onAllowance: (allowance) => said.push(allowance) });
  const head = async (headers: Record<string, string>) => {
    server.harm("head-manifest", { headers }, 1);
    await upstream.head(repository(), tag(), undefined, soon());
  };
  await head({});
  await head({ "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "76;w=21600" });
  await head({ "ratelimit-remaining": "5", "ratelimit-reset": "30" });
  await head({ "ratelimit-remaining": "many" });
  assert.deepEqual(said, [
    { remaining: 76, resets: 21_600 },
    { remaining: 5, resets: 30 },
  ]);
});

test("a reset in mid-blob breaks the body off after what came; the rest is there by range", async () => {
  const { server, bytes, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  server.harm("blob", { resetAfter: 150_000 }, 1);
  const { body } = await upstream.blob(repository(), digest(id), 0, soon());
  const chunks: Uint8Array[] = [];
  const reading = (async () => {
    for await (const chunk of body) chunks.push(chunk);
  })();
  await rejectsAs(reading, "upstream-failed", /broke off/);
  const came = Buffer.concat(chunks);
  assert.ok(came.length <= 150_000);
  const rest = await upstream.blob(repository(), digest(id), came.length, soon());
  assert.equal(rest.from, came.length);
  sameBytes(Buffer.concat([came, await bytesOf(rest)]), bytes);
});

test("a kept connection that the upstream has ended is no failure", async () => {
  const { server } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url);
  await manifestOf(upstream);
  server.harm("manifest", "reset", 1);
  assert.ok(await manifestOf(upstream));
  assert.equal(server.count("manifest"), 3);
  server.harm("manifest", "reset");
  await rejectsAs(manifestOf(upstream), "upstream-failed", /broke off/);
  assert.equal(server.count("manifest"), 5);
});

test("an upstream that is silent is given up: before the answer, and in the middle of a blob", async () => {
  const { server, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url, { timeout: 300 });
  server.harm("manifest", "silence");
  await rejectsAs(manifestOf(upstream), "upstream-failed", /in time/);
  server.harm("blob", { holdAt: 100_000, until: new Promise(() => undefined) });
  await rejectsAs(blobOf(upstream, id), "upstream-failed", /stalled/);
});

test("one byte a second is given up; a reader who takes his time is not", async () => {
  const { server, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url, { timeout: 1_100 });
  const answer = await upstream.blob(repository(), digest(id), 0, soon());
  const chunks: Uint8Array[] = [];
  let paused = false;
  for await (const chunk of answer.body) {
    chunks.push(chunk);
    if (!paused) await new Promise((resolve) => setTimeout(resolve, 3_000));
    paused = true;
  }
  assert.equal(Buffer.concat(chunks).length, 200_000);
  server.harm("blob", "drip");
  await rejectsAs(blobOf(upstream, id), "upstream-failed", /less than 1024 bytes a second/);
});

test("no server, no name, no HTTP, no TLS: each is said in words", async () => {
  const { server } = await served();
  const { url } = server;
  await server[Symbol.asyncDispose]();
  await using stopped = upstreamOf(url);
  await rejectsAs(manifestOf(stopped), "upstream-failed", /127\.0\.0\.1:\d+ refuses connections/);
  const lookup = () =>
    Promise.reject(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" }));
  await using nameless = upstreamOf("http://no.such.test", { lookup });
  await rejectsAs(manifestOf(nameless), "upstream-failed", /no\.such\.test is not known/);

  await using odd = await startOddServer();
  await using other = upstreamOf(`http://127.0.0.1:${odd.port}`);
  await rejectsAs(manifestOf(other), "upstream-failed", /HTTP/);
  await using plain = upstreamOf(`https://127.0.0.1:${odd.port}`);
  await rejectsAs(manifestOf(plain), "upstream-failed", /TLS/);
});

/** Says something else than HTTP to everybody. */
async function startOddServer() {
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined).once("data", () => socket.end("SSH-2.0-x\r\n\r\n"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

test("whoever leaves while he waits gets his own reason, and his place is free again", async () => {
  const { server, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url, { rate: { requests: undefined, concurrent: 1 } });
  server.harm("manifest", "silence", 1);
  const leaving = new AbortController();
  const waits = upstream.manifest(repository(), tag(), undefined, 1_000_000, leaving.signal);
  while (server.count() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const behind = new AbortController();
  const queued = upstream.head(repository(), tag(), undefined, behind.signal);
  behind.abort(new Error("behind"));
  await assert.rejects(queued, /behind/);
  leaving.abort(new Error("gone home"));
  await assert.rejects(waits, /gone home/);

  const reading = new AbortController();
  server.harm("blob", { holdAt: 1_000, until: new Promise(() => undefined) }, 1);
  const answer = await upstream.blob(repository(), digest(id), 0, reading.signal);
  const read = bytesOf(answer);
  reading.abort(new Error("enough"));
  await assert.rejects(read, /enough/);
  assert.ok(await manifestOf(upstream));
});

test("a blob that is never read gives its place back with its signal", async () => {
  const { server, id } = await served();
  await using _ = server;
  await using upstream = upstreamOf(server.url, { rate: { requests: undefined, concurrent: 1 } });
  const leaving = new AbortController();
  await upstream.blob(repository(), digest(id), 0, leaving.signal);
  leaving.abort();
  assert.ok(await manifestOf(upstream));
});

test("disposing ends connections, and what is under way fails", async () => {
  const { server } = await served();
  await using _ = server;
  const upstream = upstreamOf(server.url);
  server.harm("manifest", "silence");
  const waits = manifestOf(upstream);
  while (server.count() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const failed = rejectsAs(waits, "upstream-failed");
  await upstream[Symbol.asyncDispose]();
  await failed;
});

test("an error carries no query, no header and no bytes into the log", async () => {
  const { server, id } = await served();
  await using _ = server;
  await using elsewhere = await startFaultyUpstream();
  elsewhere.harm("elsewhere", { status: 403, body: "signature-secret is wrong" });
  server.harm("blob", { redirect: `${elsewhere.url}/store?X-Amz-Signature=signature-secret` });
  const password = "the-password";
  await using upstream = upstreamOf(server.url, {
    allow_addresses: ["127.0.0.1"],
    credentials: async () => ({ username: "us", password }),
  });
  const told = await rejectsAs(blobOf(upstream, id), "upstream-refused", /where up\.test keeps it/);
  elsewhere.heal();
  elsewhere.harm("elsewhere", "reset");
  const broken = await rejectsAs(blobOf(upstream, id), "upstream-failed");
  assert.ok(broken instanceof AppError && broken.cause instanceof Error);
  for (const text of [inspect(told, { depth: 9 }), inspect(broken, { depth: 9 })])
    assert.doesNotMatch(text, /signature-secret|the-password|dXM6|X-Amz/);
});

test("who waits too long for a place, or behind too many, is told to come back", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  server.harm("manifest", "silence");
  await using upstream = upstreamOf(server.url, {
    timeout: 300,
    rate: { requests: undefined, concurrent: 1 },
  });
  const asked = Array.from({ length: 30 }, () =>
    upstream.manifest(repository(), tag(), undefined, 1000, soon()).then(
      () => "an answer",
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    ),
  );
  const codes = await Promise.all(asked);
  assert.ok(codes.filter((code) => code === "busy").length >= 13, codes.join());
  assert.ok(
    codes.every((code) => code === "busy" || code === "upstream-failed"),
    codes.join(),
  );
});
