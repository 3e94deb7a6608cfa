import assert from "node:assert/strict";
import { test } from "node:test";
import { takeOver } from "#app/reload.ts";
import { rulesInForce } from "#app/servers/rules-in-force.ts";
import { defaultConfig } from "../harness/default-config.ts";

const config = (upstreams: unknown[], more = {}) =>
  defaultConfig("/srv/data", JSON.stringify({ upstreams, ...more }));
const listening = ({ upstreams }: ReturnType<typeof config>) =>
  upstreams.map(({ name, mirror_listen }) => [name, mirror_listen.map(({ port }) => port)]);

test("upstreams and the cache's limits change while Berth runs", () => {
  const next = config([{ name: "ghcr.io", ttl: "1h", mirror_hosts: "ghcr.lan" }, "quay.io"], {
    cache: { max_bytes: "1GiB", low_water: 50 },
  });
  const { config: taken, later } = takeOver(config(["docker.io", "ghcr.io"]), next);
  assert.deepEqual(later, []);
  assert.deepEqual(taken.upstreams, next.upstreams);
  assert.deepEqual(taken.cache, next.cache);
});

test("addresses of mirrors take a restart, and only they", () => {
  const hub = { name: "docker.io", mirror_listen: "127.0.0.1:5001" };
  const moved = { name: "docker.io", mirror_listen: "127.0.0.1:5002", ttl: "1h" };
  const added = { name: "ghcr.io", mirror_listen: "127.0.0.1:5003" };
  const { config: taken, later } = takeOver(config([hub]), config([moved, added]));
  assert.deepEqual(later, ["upstreams.mirror_listen"]);
  assert.deepEqual(listening(taken), [
    ["docker.io", [5001]],
    ["ghcr.io", []],
  ]);
  assert.equal(taken.upstreams[0]?.ttl, 3_600_000);
  const again = takeOver(taken, config([moved, added, "quay.io"]));
  assert.deepEqual(again.later, ["upstreams.mirror_listen"], "it is told until the restart");
  assert.deepEqual(takeOver(config([hub]), config([])).later, ["upstreams.mirror_listen"]);
  assert.deepEqual(takeOver(config([hub]), config(["quay.io", hub])).later, []);
});

test("servers that share a database agree on what is served of an upstream, each by its own way there", () => {
  const rules = (upstream: object, more = {}) =>
    rulesInForce(config([{ name: "ghcr.io", ...upstream }], more));
  const one = rules({
    username: "a",
    password: "p",
    proxy: "http://proxy.lan",
    ca: "/ca.pem",
    timeout: "5s",
  });
  const other = rules({ token_file: "/t", rate: { requests: 5 }, mirror_listen: "127.0.0.1:5001" });
  assert.deepEqual(one, other);
  assert.notEqual(rules({}).upstreams, one.upstreams, "one of them asks as nobody");
  for (const differing of [{ ttl: "1h" }, { url: "https://x.lan" }, { deny: "**" }, { push: "allow" }])
    assert.notEqual(rules(differing).upstreams, rules({}).upstreams);
  assert.notEqual(rules({}, { cache: { max_bytes: "1GiB" } }).cache, rules({}).cache);
});
