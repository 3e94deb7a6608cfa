import assert from "node:assert/strict";
import { test } from "node:test";
import { showConfig } from "#config/show-config.ts";
import { faultsOf, load } from "./load.ts";

const engine = (more: string) => `engine: { ${more} }`;
const read = (more: string) => load({ file: engine(more) }).config.engine;
const faults = (more: string) => faultsOf({ file: engine(more) }).join("\n");

test("without the section the engine is off, and its places are known all the same", () => {
  const { engine, user } = load().config;
  assert.equal(engine.enabled, false);
  assert.deepEqual(engine.listen, [{ path: "/run/berth/engine.sock" }]);
  // Not in the folder that is the registry's user's.
  assert.equal(engine.data, "/srv/data-engine");
  assert.equal(engine.run_folder, "/run/berth");
  assert.deepEqual(engine.log, { max_size: 100 * 1024 * 1024, max_files: 2 });
  assert.equal(engine.userns_remap, undefined);
  assert.equal(user, undefined);
});

test("one address or several, unix sockets and TCP", () => {
  assert.deepEqual(read("listen: 'unix:///tmp/e.sock'").listen, [{ path: "/tmp/e.sock" }]);
  const tls = "tls: { certificate: c.pem, key: k.pem, client_ca: ca.pem }";
  const both = read(`listen: ['unix:///tmp/e.sock', 'tcp://127.0.0.1:2376'], ${tls}`);
  assert.deepEqual(both.listen, [{ path: "/tmp/e.sock" }, { host: "127.0.0.1", port: 2376 }]);
  assert.deepEqual(both.tls, { certificate: "/srv/c.pem", key: "/srv/k.pem", client_ca: "/srv/ca.pem" });
  const { engine } = load({
    environment: { BERTH_ENGINE_LISTEN: "unix:///a.sock,unix:///b.sock", BERTH_ENGINE_ENABLED: "true" },
  }).config;
  assert.deepEqual([engine.listen.length, engine.enabled], [2, true]);
});

test("TCP without certificates of clients is refused, also on loopback", () => {
  for (const address of ["tcp://127.0.0.1:2375", "tcp://:2375"])
    assert.match(
      faults(`listen: '${address}'`),
      /^engine\.listen .*whoever reaches the engine is root.*client_ca/,
    );
  assert.match(
    faults("listen: 'tcp://[::1]:2376', tls: { certificate: a, key: b }"),
    /engine\.tls\.client_ca.*is missing/,
  );
});

test("an address that is none is told how one looks", () => {
  for (const address of ["/run/e.sock", "unix://e.sock", "unix:///", "fd://", "http://x:1", "127.0.0.1:1"])
    assert.match(faults(`listen: '${address}'`), /write unix:\/\/\/run\/berth\/engine\.sock/, address);
  assert.match(faults(`listen: 'unix:///${"x".repeat(120)}'`), /at most 107 bytes/);
  assert.match(faults("listen: ['unix:///a', 'unix:///a']"), /unix:\/\/\/a stands there twice/);
  assert.match(faults("listen: []"), /has no address/);
});

test("registries are named by host, without a scheme", () => {
  const { registry_names, insecure_registries } = read(
    "registry_names: Registry.lan:5000, insecure_registries: [10.0.0.0/8, 'a.lan', 'fd00::/8']",
  );
  assert.deepEqual(registry_names, ["registry.lan:5000"]);
  assert.deepEqual(insecure_registries, ["10.0.0.0/8", "a.lan", "fd00::/8"]);
  assert.match(faults("registry_names: ['http://a']"), /without http/);
  assert.match(faults("insecure_registries: ['10.0.0.0/99']"), /HOST:PORT or a network/);
});

test("id ranges, subnets, limits, groups and users are read, and wrong ones are told how they look", () => {
  assert.deepEqual(read("userns_remap: 100000:65536").userns_remap, { first: 100000, count: 65536 });
  assert.deepEqual(read("default_ulimits: [nofile=1024:4096, 'core=-1', nproc=10]").default_ulimits, [
    { name: "nofile", soft: 1024, hard: 4096 },
    { name: "core", soft: -1, hard: -1 },
    { name: "nproc", soft: 10, hard: 10 },
  ]);
  assert.equal(read("group: 998").group, "998");
  assert.equal(load({ file: "user: berth:docker" }).config.user, "berth:docker");
  assert.equal(read("log: { max_size: 0 }").log.max_size, 0);
  for (const wrong of ["userns_remap: 0:65536", "userns_remap: 100000", "userns_remap: 4294967000:65536"])
    assert.match(faults(wrong), /FIRST:COUNT/);
  for (const wrong of ["nofile", "nofile=9:1", "files=1", "nofile=-1:5"])
    assert.match(faults(`default_ulimits: ['${wrong}']`), /NAME=SOFT:HARD/, wrong);
  assert.match(faults("bridge: { subnet: 10.0.0.0/31 }"), /write such as 172\.17\.0\.0\/16/);
  assert.match(faults("bridge: { ipv6: 10.0.0.0/16 }"), /write such as fd00/);
  assert.match(faults("dns: dns.lan"), /is not an IP address/);
  assert.match(faults("group: 'a b'"), /name or number of a group/);
  assert.match(faultsOf({ file: "user: 'a b'" }).join(), /NAME:GROUP/);
});

test("the configuration in force reads back as a file", () => {
  const first = load({
    file: engine(
      "listen: ['unix:///a', 'tcp://[::1]:1'], tls: { certificate: /a, key: /b, client_ca: /c }, userns_remap: 100000:65536, " +
        "default_ulimits: core=0, dns: 1.1.1.1, bridge: { subnet: 10.1.0.0/16 }, init: /usr/bin/tini-static",
    ),
  });
  const again = load({ file: showConfig(first.config, first.origins) });
  assert.deepEqual(again.config, first.config);
});

test("the variable that names an engine for `berth ps` is no key", () => {
  load({ environment: { BERTH_HOST: "unix:///run/berth/engine.sock" } });
});
