import assert from "node:assert/strict";
import { test } from "node:test";
import type { UpstreamConfig } from "#config/config.ts";
import { faultsOf, load } from "./load.ts";

const read = (file: string) => load({ file }).config.upstreams;
const one = (more: string) => read(`upstreams: [{ ${more} }]`)[0] as UpstreamConfig;
const faults = (more: string) => faultsOf({ file: `upstreams:\n  - quay.io\n  - { ${more} }` }).join("\n");

test("without the section there are no upstreams, and a cache without a limit", () => {
  const { upstreams, cache } = load().config;
  assert.deepEqual(upstreams, []);
  assert.deepEqual(cache, { max_bytes: undefined, high_water: 95, low_water: 85 });
});

test("a name is enough", () => {
  assert.deepEqual(read("upstreams: [ghcr.io]"), [
    {
      name: "ghcr.io",
      aliases: [],
      url: "https://ghcr.io",
      username: undefined,
      password: undefined,
      password_file: undefined,
      token: undefined,
      token_file: undefined,
      docker_config: undefined,
      realms: [],
      ca: undefined,
      proxy: undefined,
      no_proxy: [],
      allow_addresses: [],
      ttl: 300_000,
      missing_ttl: 30_000,
      gone: "keep",
      offline: false,
      allow: ["**"],
      deny: [],
      push: "deny",
      mirror_listen: [],
      mirror_hosts: [],
      platforms: [],
      rate: { requests: undefined, concurrent: 64 },
      timeout: 30_000,
      max_blob: 100 * 2 ** 30,
      max_bytes: undefined,
      pinned: [],
    },
  ]);
  const names = (list: UpstreamConfig[]) => list.map(({ name }) => name);
  assert.deepEqual(names(read("upstreams: quay.io")), ["quay.io"]);
  assert.deepEqual(names(read("upstreams: [ghcr.io, { name: quay.io }]")), ["ghcr.io", "quay.io"]);
});

test("where Docker Hub and its token server are is known, unless it is said otherwise", () => {
  const hub = one("name: docker.io");
  assert.equal(hub.url, "https://registry-1.docker.io");
  assert.deepEqual(hub.aliases, ["registry-1.docker.io", "index.docker.io"]);
  assert.deepEqual(hub.realms, ["auth.docker.io"]);
  assert.deepEqual(one("name: registry.gitlab.com").realms, ["gitlab.com"]);
  assert.deepEqual(one("name: hub, url: 'https://registry-1.docker.io'").realms, ["auth.docker.io"]);
  const own = one("name: docker.io, aliases: [], realms: []");
  assert.deepEqual([own.aliases, own.realms], [[], []]);
});

test("whoever else answers for docker.io may send nobody to Docker's token server", () => {
  assert.deepEqual(one("name: docker.io, url: 'https://hub.example.org'").realms, []);
});

test("a name that is no host name needs a URL", () => {
  assert.match(
    faults("name: hub"),
    /^upstreams\[1\]\.url \(berth\.yaml line 3\): is missing: hub is no host/,
  );
  assert.equal(one("name: hub, url: 'http://127.0.0.1:1'").url, "http://127.0.0.1:1");
});

test("a name is one part of an image's name", () => {
  for (const name of ["Docker.io", "docker.io/library", "a..b", ".a", "-a", "a_-b", '""', "a".repeat(129)])
    assert.match(
      faults(`name: ${name}, url: 'https://a.example.org'`),
      /^upstreams\[1\]\.name \(.* line 3\)/,
    );
  assert.match(
    faults("name: 'registry.lan:5000'"),
    /name .*: a port can't be .*write name: registry\.lan, aliases: \["registry\.lan:PORT"\]/,
  );
});

test("a URL has a path where it needs one, and neither /v2 nor a password", () => {
  const url = (text: string) => one(`name: a, url: '${text}'`).url;
  assert.equal(url("https://Registry.example.org/"), "https://registry.example.org");
  assert.equal(url("https://example.org/artifactory/hub/"), "https://example.org/artifactory/hub");
  assert.equal(url("http://[::1]:5000"), "http://[::1]:5000");
  const wrong = (text: string) => faults(`name: a, url: '${text}'`);
  assert.match(wrong("https://example.org/hub/v2/"), /so write https:\/\/example\.org\/hub$/);
  assert.match(wrong("registry.example.org:5000"), /is not an address; write such as https:/);
  assert.match(wrong("ftp://example.org"), /is not an address/);
  assert.match(wrong("https://example.org/?a=b"), /without \? and #/);
});

test("durations, sizes, files and addresses are read as everywhere", () => {
  const upstream = one(
    "name: a.example.org, ttl: 1h, missing_ttl: 0s, timeout: 5s, max_blob: 1GiB, max_bytes: 10GiB, ca: ca.pem, " +
      "mirror_listen: 'localhost:5001', rate: { requests: 10 }, username: u, password_file: /p",
  );
  assert.deepEqual([upstream.ttl, upstream.missing_ttl, upstream.timeout], [3_600_000, 0, 5_000]);
  assert.deepEqual([upstream.max_blob, upstream.max_bytes], [2 ** 30, 10 * 2 ** 30]);
  assert.deepEqual([upstream.ca, upstream.password_file], ["/srv/ca.pem", "/p"]);
  assert.deepEqual(upstream.mirror_listen, [{ host: "localhost", port: 5001 }]);
  assert.deepEqual(upstream.rate, { requests: 10, concurrent: 64 });
  for (const key of ["token_file", "docker_config"] as const)
    assert.equal(one(`name: a.example.org, ${key}: secrets/a`)[key], "/srv/secrets/a");
});

test("each wrong value is a fault at its place", () => {
  const cases: [string, RegExp][] = [
    ["aliases: [a.example.org, 'a b']", /^upstreams\[1\]\.aliases\[1\] .* "a b" is not a host/],
    ["aliases: 'a:70000'", /^upstreams\[1\]\.aliases.* is not a host/],
    ["realms: 'https://auth.example.org'", /^upstreams\[1\]\.realms.* is not a host/],
    ["allow_addresses: 10.0.0.0/99", /allow_addresses.* is neither an IP address nor a network/],
    ["no_proxy: '*.example.org'", /no_proxy.* such as registry\.lan, \.example\.org, 10\.0\.0\.0\/8/],
    ["ttl: 5", /ttl .*is not a duration/],
    ["gone: remove", /gone .*the value is one of keep, purge/],
    ["push: true", /push .*the value is one of deny, allow/],
    ["allow: Library/*", /allow.* is not a pattern of repository names/],
    ["pinned: 'library/alpine:3 *'", /pinned.* is not a pattern of tags/],
    ["pinned: [':v1']", /pinned.* is not a pattern of repository names/],
    ["platforms: amd64", /platforms.*write such as linux\/amd64/],
    ["mirror_listen: 5001", /mirror_listen.* has no host/],
    ["mirror_hosts: 10.0.0.1", /mirror_hosts.* is not a host name of its own/],
    ["mirror_hosts: 'localhost:5000'", /mirror_hosts.* is not a host name of its own/],
    ["rate: 5", /^upstreams\[1\]\.rate .*must be a mapping with the keys requests and concurrent/],
    ["rate: { requests: 0.5 }", /^upstreams\[1\]\.rate\.requests .*a whole number from 1/],
    ["max_blob: 1", /max_blob.*must be between 1KiB and/],
    ["token: 12345678", /^upstreams\[1\]\.token .*is not a text; write it in quotes$/],
    ["username: 'a:b', password: p", /username.*a colon can't be in it/],
  ];
  for (const [more, words] of cases) assert.match(faults(`name: a.example.org, ${more}`), words);
  assert.match(
    faultsOf({ file: "upstreams: [5]" }).join(),
    /^upstreams\[0\] .*must be a mapping with .*name/,
  );
  assert.match(faultsOf({ file: "upstreams: { name: a }" }).join(), /^upstreams .*must be a list/);
});

test("an unknown key is told with the one that was meant, its section too", () => {
  assert.match(faults("name: a.b, pasword: x"), /^upstreams\[1\]\.pasword .*did you mean "password"\?/);
  assert.match(
    faults("name: a.b, rate: { concurent: 1 }"),
    /^upstreams\[1\]\.rate\.concurent .*"concurrent"/,
  );
  assert.match(faults("name: a.b, concurrent: 1"), /did you mean "rate\.concurrent"\?/);
});

test("a variable holds names between commas, or a list in brackets", () => {
  const upstreams = (BERTH_UPSTREAMS: string) => load({ environment: { BERTH_UPSTREAMS } }).config.upstreams;
  assert.deepEqual(
    upstreams("docker.io, quay.io").map(({ name }) => name),
    ["docker.io", "quay.io"],
  );
  assert.deepEqual(
    upstreams("ghcr.io").map(({ url }) => url),
    ["https://ghcr.io"],
  );
  assert.equal(upstreams("[{ name: ghcr.io, ttl: 1h }, quay.io]")[0]?.ttl, 3_600_000);
});

test("the cache's limit has two marks, the lower below the higher", () => {
  const { cache } = load({ file: "cache: { max_bytes: 10GiB, high_water: 90, low_water: 50 }" }).config;
  assert.deepEqual(cache, { max_bytes: 10 * 2 ** 30, high_water: 90, low_water: 50 });
  for (const marks of ["low_water: 95", "high_water: 85", "high_water: 10, low_water: 10"])
    assert.match(faultsOf({ file: `cache: { ${marks} }` }).join(), /^cache\.low_water.*must be less than/);
});
