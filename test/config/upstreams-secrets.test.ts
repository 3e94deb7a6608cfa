import assert from "node:assert/strict";
import { test } from "node:test";
import { showConfig, shownTree } from "#config/show-config.ts";
import { faultsOf, load } from "./load.ts";

const shownOf = ({ config, origins }: ReturnType<typeof load>) =>
  showConfig(config, origins) + JSON.stringify(shownTree(config));

test("what is in force is shown without passwords, tokens and what a proxy is told", () => {
  const file = `
upstreams:
  - { name: a.example.org, username: alice, password: topsecret, proxy: "http://bob:topsecret@proxy.lan:3128/" }
  - { name: b.example.org, token: topsecret, proxy: "http://topsecret@proxy.lan:3128" }
`;
  const first = load({ file });
  assert.equal(first.config.upstreams[0]?.password, "topsecret");
  assert.equal(first.config.upstreams[0]?.proxy, "http://bob:topsecret@proxy.lan:3128");
  const shown = shownOf(first);
  assert.doesNotMatch(shown, /topsecret|bob/);
  assert.match(shown, /name: a\.example\.org, .*username: alice, password: \(hidden\)/);
  assert.match(shown, /proxy: http:\/\/\(hidden\)@proxy\.lan:3128/);
  assert.match(shown, /name: b\.example\.org, .*token: \(hidden\)/);
});

test("what stands for a secret is never taken for one", () => {
  const first = load({ file: "upstreams: [{ name: a.b, token: topsecret, proxy: 'http://p:q@proxy.lan' }]" });
  const again = faultsOf({ file: showConfig(first.config, first.origins) });
  assert.equal(again.length, 2, again.join("\n"));
  assert.match(again.join("\n"), /upstreams\[0\]\.token .*only stands for/);
  assert.match(again.join("\n"), /upstreams\[0\]\.proxy .*only stands for/);
});

test("without secrets what is in force reads back as a file, an item on each line", () => {
  const file = `
upstreams:
  - docker.io
  - name: hub
    url: https://registry.example.org/hub
    aliases: ["registry.example.org:5000"]
    username: alice
    password_file: /run/secrets/hub
    ca: ca.pem
    proxy: https://proxy.lan
    no_proxy: [.lan, 10.0.0.0/8]
    allow_addresses: [10.0.0.1, "fd00::/8"]
    mirror_listen: ["[::1]:5001", "http://127.0.0.1:5002"]
    mirror_hosts: mirror.lan
    platforms: [linux/amd64, linux/arm/v7]
    rate: { requests: 10, concurrent: 5 }
    max_bytes: 10GiB
    pinned: ["library/*:v?"]
`;
  const first = load({ file });
  const shown = showConfig(first.config, first.origins);
  assert.match(
    shown,
    /^upstreams: # berth\.yaml line 2$\n {2}- \{ name: docker\.io, .*\}\n {2}- \{ name: hub, /m,
  );
  const again = load({ file: shown });
  assert.deepEqual(again.config, first.config);
});

test("no message shows a secret that was written in the wrong way or place", () => {
  const cases = [
    "name: a.b, password: [topsecret]",
    "name: a.b, token: { topsecret: topsecret }",
    'name: a.b, username: u, password: "top\\nsecret"',
    "name: a.b, username: u, password: 'topsecret', token: 'topsecret'",
    "name: a.b, url: 'https://u:topsecret@a.b'",
    "name: a.b, url: 'u:topsecret@a.b'",
    "name: a.b, proxy: 'u:topsecret@proxy.lan:3128'",
    "name: a.b, proxy: 'socks5://u:topsecret@proxy.lan'",
    "name: a.b, proxy: 'http://u:topsecret#@proxy.lan'",
    "name: a.b, proxy: 'http://u:topsecret/@proxy.lan'",
    "name: a.b, proxy: 'http://u:topsecret%@proxy.lan'",
    "name: a.b, proxy: 'http://u:topsecret@proxy.lan:port'",
    "name: a.b, url: 'http://a.b', token: topsecret",
  ];
  for (const more of cases) {
    const text = faultsOf({ file: `upstreams: [{ ${more} }]` }).join("\n");
    assert.match(text, /^upstreams\[0\]/);
    assert.doesNotMatch(text, /topsecret|top\\nsecret/);
  }
});

test("nor of a variable that can't be read as a list", () => {
  for (const BERTH_UPSTREAMS of [
    "[{name: a.b, username: u, password: topsecret]",
    "[{name: a.b, token: top,secret: [topsecret}]",
    "{name: a.b, token: topsecret}",
    "[{name:a.b,token:topsecret,password:topsecret",
  ]) {
    const text = faultsOf({ environment: { BERTH_UPSTREAMS } }).join("\n");
    assert.match(text, /^upstreams \(BERTH_UPSTREAMS\): can't be read; write names/);
    assert.doesNotMatch(text, /topsecret/);
  }
});
