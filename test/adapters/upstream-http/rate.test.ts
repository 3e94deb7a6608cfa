import assert from "node:assert/strict";
import { test } from "node:test";
import { freshBytes, oci } from "../../harness/registry-content.ts";
import { startFaultyUpstream } from "../../upstreams/faulty-upstream.ts";
import { bytesOf, digest, manifestOf, repository, soon, tag, upstreamOf } from "./asked.ts";

test("no more requests at a time than the rate says, and a body counts until its end", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  const id = digest(server.addBlob("library/busybox", freshBytes(2_000_000)));
  await using upstream = upstreamOf(server.url, { rate: { requests: undefined, concurrent: 2 } });
  const [one, other] = [
    await upstream.blob(repository(), id, 0, soon()),
    await upstream.blob(repository(), id, 0, soon()),
  ];
  let answered = false;
  const third = manifestOf(upstream).finally(() => (answered = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(answered, false);
  assert.equal(server.count(), 2);
  await bytesOf(one);
  await third;
  await bytesOf(other);
});

test("no more requests in a second than the rate says", async () => {
  await using server = await startFaultyUpstream();
  server.add("library/busybox", oci.image(), "latest");
  const times: number[] = [];
  server.harm("manifest", () => {
    times.push(performance.now());
    return undefined;
  });
  await using upstream = upstreamOf(server.url, { rate: { requests: 10, concurrent: 30 } });
  await Promise.all(Array.from({ length: 25 }, () => manifestOf(upstream)));
  // Begun 1 s apart; on the way they may come nearer.
  for (let i = 10; i < times.length; i++)
    assert.ok((times[i] ?? 0) - (times[i - 10] ?? 0) > 700, `${times.map(Math.round).join(" ")}`);
  const busy = Array.from({ length: 20 }, () => manifestOf(upstream));
  const leaving = AbortSignal.timeout(50);
  await assert.rejects(upstream.head(repository(), tag(), undefined, leaving), { name: "TimeoutError" });
  await Promise.all(busy);
});
