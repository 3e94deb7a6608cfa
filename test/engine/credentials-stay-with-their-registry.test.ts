import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import pino from "pino";
import { startSingle } from "#app/single.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { upstreamItem } from "../pull-through/cache.ts";
import { registriesPlace, signedIn } from "./registries-place.ts";

test("the password for this registry isn't sent to an upstream while the registry doesn't run", async () => {
  const data = await mkdtemp(join(tmpdir(), "berth-test-"));
  const asked: (string | undefined)[] = [];
  const upstream = createServer((request, response) => {
    asked.push(request.headers.authorization);
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="upstream"' }).end();
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  try {
    // It was there once.
    await (await startSingle(defaultConfig(data), pino({ level: "silent" })))[Symbol.asyncDispose]();
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    await using place = await registriesPlace(
      { url: "http://127.0.0.1:5999", data },
      { upstreams: [upstreamItem({ name: "docker.io", url })] },
    );
    const mine = signedIn({ name: "alice", secret: "for this registry only" }, "localhost:5999");
    await assert.rejects(place.pull("busybox", mine), /denied/);
    assert.ok(asked.length > 0);
    assert.deepEqual(new Set(asked), new Set([undefined]));
    const theirs = signedIn({ name: "alice", secret: "for docker" }, "https://index.docker.io/v1/");
    await assert.rejects(place.pull("busybox", theirs));
    assert.match(asked.at(-1) ?? "", /^Basic /);
  } finally {
    upstream.closeAllConnections();
    upstream.close();
    await rm(data, { recursive: true, force: true });
  }
});
