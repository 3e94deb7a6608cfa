import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, load } from "./load.ts";

const file = (...items: string[]) => `upstreams:\n${items.map((item) => `  - { ${item} }\n`).join("")}`;
const faults = (...items: string[]) => faultsOf({ file: file(...items) });
const fine = (...items: string[]) => assert.ok(load({ file: file(...items) }));

test("a name or alias means one upstream", () => {
  const twice = faults("name: docker.io", "name: docker.io");
  assert.match(
    twice.join("\n"),
    /^upstreams\[1\]\.name \(berth\.yaml line 3\): docker\.io is a name of upstreams\[0\] already/,
  );
  assert.match(
    faults("name: docker.io", "name: hub.lan, aliases: [x.lan, Index.Docker.io]").join("\n"),
    /^upstreams\[1\]\.aliases \(berth\.yaml line 3\): index\.docker\.io is a name of upstreams\[0\] already$/,
  );
  fine("name: a.lan, aliases: [a.lan, b.lan]", "name: c.lan");
});

test("there is at most one way to sign in, and it is whole", () => {
  const of = (more: string) => faults(`name: a.lan, ${more}`).join("\n");
  const at = (key: string) => String.raw`^upstreams\[0\]${key} \(berth\.yaml line 2\): `;
  assert.match(of("password: p"), new RegExp(`${at(".username")}is missing: whose password`));
  assert.match(of("password_file: /p"), new RegExp(`${at(".username")}is missing`));
  assert.match(of("username: u"), new RegExp(`${at(".password_file")}is missing: .*password of u`));
  assert.match(of("username: u, password: p, password_file: /p"), /password_file .*can't stand together/);
  assert.match(of("token: t, token_file: /t"), /token_file .*can't stand together with token/);
  for (const [more, ways] of [
    ["username: u, password: p, token_file: /t", "username and password and token"],
    ["token: t, docker_config: /d", "token and docker_config"],
    ["username: u, password_file: /p, docker_config: /d", "username and password and docker_config"],
  ] as const)
    assert.match(of(more), new RegExp(`${at("")}has ${ways}: leave all but one`));
  for (const more of ["username: u, password: p", "username: u, password_file: /p", "token_file: /t"])
    fine(`name: a.lan, ${more}`);
});

test("credentials go over plain HTTP to this machine or a trusted IP address only", () => {
  const plain = (host: string, more: string) => `name: a, url: 'http://${host}', ${more}`;
  for (const more of [
    "username: u, password: p",
    "username: u, password_file: /p",
    "token: t",
    "docker_config: /d",
  ])
    for (const host of ["registry.lan", "10.0.0.1:5000", "[fd00::1]", "127.0.0.1.example.org"])
      assert.match(
        faults(plain(host, more)).join("\n"),
        /^upstreams\[0\]\.url \(.* line 2\): is plain HTTP, .* the credentials: write https:/,
      );
  for (const host of ["localhost:5000", "127.0.0.1:5000", "[::1]:5000"]) fine(plain(host, "token: t"));
  fine(plain("10.0.0.1:5000", "token: t, allow_addresses: [10.0.0.1]"));
  fine(plain("[fd00::1]:5000", "token: t, allow_addresses: ['fd00::1']"));
  fine(plain("registry.lan", "ttl: 1m"));
  const network = plain("10.0.0.1", "token: t, allow_addresses: 10.0.0.0/8");
  assert.match(faults(network).join(), /in the url and in allow_addresses/);
});

test("an address of a mirror is used for nothing else", () => {
  const mirror = (at: string) => `name: a.lan, mirror_listen: ${at}`;
  const other = "name: b.lan, mirror_listen: ['localhost:1', 'http://localhost:2']";
  assert.match(
    faults(other, mirror("'localhost:2'")).join(),
    /^upstreams\[1\]\.mirror_listen \(.* line 3\): localhost:2 stands in upstreams\[0\]\.mirror_listen already/,
  );
  assert.match(faults(mirror("'127.0.0.1:5000'")).join(), /127\.0\.0\.1:5000 stands in listen already/);
  const every = `auth: { mode: none }\nlisten: 0.0.0.0:5001\n${file(mirror("'127.0.0.1:5001'"))}`;
  assert.match(
    faultsOf({ file: every }).join(),
    /127\.0\.0\.1:5001 stands in listen already as 0\.0\.0\.0:5001: /,
  );
  const metrics = `metrics: { listen: "127.0.0.1:9" }\n${file(mirror("'127.0.0.1:9'"))}`;
  assert.match(faultsOf({ file: metrics }).join(), /stands in metrics\.listen already/);
  fine(other, mirror("'localhost:0'"), "name: c.lan, mirror_listen: 'localhost:0'");
});

test("a mirror beyond loopback needs an auth section, and says which lines to add", () => {
  const open = file("name: a.lan, mirror_listen: [':5001', 'localhost:5002']");
  const [fault = "", ...more] = faultsOf({ file: open });
  assert.deepEqual(more, []);
  assert.match(fault, /^upstreams\[0\]\.mirror_listen \(.*\): :5001 can be reached from other machines/);
  assert.match(fault, /\nauth:\n {2}mode: token\npolicy:\n {2}rules: \[\{ repositories: "a\.lan\/\*\*"/);
  assert.ok(load({ file: `auth: { mode: none }\n${open}` }));
  assert.ok(load({ file: `auth: { mode: token }\n${open}` }));
});

test("a host name of a mirror is one upstream's, and not that of external_url", () => {
  const mirror = "name: a.lan, mirror_hosts: [hub.lan, 'hub.lan:8443']";
  assert.match(
    faults(mirror, "name: b.lan, mirror_hosts: Hub.lan").join(),
    /^upstreams\[1\]\.mirror_hosts .*hub\.lan stands in upstreams\[0\]\.mirror_hosts already/,
  );
  const at = (url: string) => `external_url: ${url}\n${file(mirror)}`;
  for (const url of ["https://hub.lan", "http://hub.lan:5000", "https://hub.lan:8443"])
    assert.match(faultsOf({ file: at(url) }).join(), /hub\.lan(:8443)? is the host of external_url/);
  assert.ok(load({ file: at("https://registry.lan") }));
});

test("rules of upstreams are told even when other keys are faulty", () => {
  const text = faultsOf({ file: `workers: none\nlisten: nowhere\n${file("name: a.lan, password: p")}` });
  assert.match(text.join("\n"), /^upstreams\[0\]\.username/m);
});

test("pins are the upstream's own names, without its name here before them", () => {
  const text = faultsOf({ file: file("name: docker.io, pinned: [library/a, 'docker.io/library/b:1*']") });
  assert.match(
    text.join("\n"),
    /^upstreams\[0\]\.pinned.* begins with the upstream's name here: write library\/b:1\*/m,
  );
});
