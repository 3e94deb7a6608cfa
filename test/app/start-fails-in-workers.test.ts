import assert from "node:assert/strict";
import { readdirSync, readFileSync, renameSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { needs } from "../clients/needs.ts";
import { makeAuthority } from "../harness/certificates.ts";
import { spawnBerth } from "../harness/process.ts";
import { until } from "./neighbour.ts";

// Whoever waits for workers to stop waits so long.
const patient = { limits: { drain_timeout: "10m" } };

for (const workers of [1, 2, 3])
  test(`a port in use ends serve at once, with ${workers} worker(s)`, async () => {
    await using taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const listen = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    // It fails in another way where it doesn't end by itself.
    await assert.rejects(spawnBerth({ config: { ...patient, workers, listen } }), (error: Error) => {
      assert.match(
        error.message,
        /did not get ready:\nberth: cannot listen on 127\.0\.0\.1:\d+: another program/,
      );
      return true;
    });
  });

/** Pids of the processes that this one started. */
function children(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" "))
    .filter((text) => text !== "")
    .map(Number);
}

test(
  "a worker that can't start again says why and ends; it is tried until it can",
  needs("openssl"),
  async () => {
    using authority = makeAuthority();
    const { certificate, key } = authority.issue("server");
    await using berth = await spawnBerth({ config: { workers: 2, tls: { certificate, key } } });
    const [first = 0] = children(berth.pid);
    renameSync(key, `${key}.away`);
    process.kill(first, "SIGKILL");
    const failures = () => berth.logs().match(/"reason":"tls\.key: [^"]* is not there"/g)?.length ?? 0;
    await until("two failures", () => failures() >= 2);
    assert.ok(children(berth.pid).length <= 2);
    renameSync(`${key}.away`, key);
    await until("two workers again", () => children(berth.pid).length === 2);
  },
);
