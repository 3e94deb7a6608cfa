import assert from "node:assert/strict";
import { test } from "node:test";
import { writeFileSync } from "node:fs";
import type { Check } from "#app/verbs/check-places.ts";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { startFaultyUpstream } from "../upstreams/faulty-upstream.ts";
import { berth } from "./captured.ts";

/** A folder with a configuration of upstreams, and `berth check-config` on it. */
function place() {
  const folder = tempFolder();
  return {
    write(name: string, text: string): string {
      writeFileSync(folder.file(name), text);
      return folder.file(name);
    },
    none: folder.file("none"),
    async check(upstreams: unknown[], ...flags: string[]) {
      const config = { data: folder.file("data"), upstreams };
      writeFileSync(folder.file("berth.yaml"), JSON.stringify(config));
      return berth(["check-config", "--config", folder.file("berth.yaml"), ...flags]);
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("an upstream that answers is said so", async () => {
  using at = place();
  await using upstream = await startFaultyUpstream();
  const { code, stdout, stderr } = await at.check([{ name: "hub", url: upstream.url }]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^# upstream hub: answers$/m);
});

test("one that doesn't is a warning: what is cached of it is served all the same", async () => {
  using at = place();
  await using upstream = await startFaultyUpstream();
  const gone = { name: "gone", url: "http://127.0.0.1:1" };
  const page = { name: "page", url: `${upstream.url}/page` };
  const { code, stdout, stderr } = await at.check([gone, page, { name: "hub", url: upstream.url }]);
  assert.equal(code, 0);
  assert.match(stderr, /^berth: warning: upstream gone: .*127\.0\.0\.1:1 refuses connections/m);
  assert.match(stderr, /^berth: warning: upstream page: /m);
  assert.match(stdout, /^# upstream hub: answers$/m);
  assert.doesNotMatch(stdout, /^# upstream (gone|page)/m);
  const json = await at.check([gone], "--json");
  const { checks } = JSON.parse(json.stdout) as { checks: Check[] };
  const found = checks.find(({ name }) => name === "upstream gone");
  assert.deepEqual([json.code, json.stderr, found?.ok, found?.warning], [0, "", true, true]);
});

test("credentials that it doesn't take are a warning that doesn't show them", async () => {
  using at = place();
  await using upstream = await startFaultyUpstream();
  upstream.authenticate({ way: "basic", username: "alice", password: "right" });
  const of = (password: string) => ({ name: "hub", url: upstream.url, username: "alice", password });
  assert.match((await at.check([of("right")])).stdout, /^# upstream hub: answers$/m);
  const { code, stdout, stderr } = await at.check([of("topsecret")]);
  assert.equal(code, 0);
  assert.match(stderr, /^berth: warning: upstream hub: /m);
  assert.doesNotMatch(stdout + stderr, /topsecret/);
});

test("neither one that is offline nor any with --offline is asked", async () => {
  using at = place();
  const gone = { name: "gone", url: "http://127.0.0.1:1" };
  const { stdout, stderr } = await at.check([{ ...gone, offline: true }]);
  assert.equal(stderr, "");
  assert.match(stdout, /^# upstream gone: isn't asked/m);
  assert.equal((await at.check([gone], "--offline")).stderr, "");
});

test("files that can't be used are faults, all together", async () => {
  using at = place();
  const url = "http://127.0.0.1:1";
  const docker = (name: string, text: string) => ({ name, url, docker_config: at.write(name, text) });
  const { code, stderr } = await at.check([
    { name: "a", url, username: "u", password_file: at.none },
    { name: "b", url, token_file: at.write("empty", "\n") },
    { name: "c", url, ca: at.write("ca.pem", "no certificate") },
    { name: "d", url, docker_config: at.none },
    docker("e", "no json: topsecret"),
    docker("f", JSON.stringify({ auths: { "ghcr.io": { auth: "dG9wc2VjcmV0" } } })),
    docker("g", JSON.stringify({ auths: { "127.0.0.1:1": {} }, credHelpers: { "127.0.0.1:1": "pass" } })),
  ]);
  assert.equal(code, 1);
  assert.match(stderr, /^berth: 7 things are wrong/m);
  for (const line of [
    /^ {2}upstream a: its password_file .*none isn't there$/m,
    /^ {2}upstream b: its token_file .*empty is empty$/m,
    /^ {2}upstream c: its ca .*ca\.pem holds no certificate in PEM form/m,
    /^ {2}upstream d: its docker_config .*none isn't there$/m,
    /^ {2}upstream e: its docker_config .* not JSON/m,
    /^ {2}upstream f: its docker_config .*has no entry for 127\.0\.0\.1:1/m,
    /^ {2}upstream g: its docker_config .*docker-credential-pass/m,
  ])
    assert.match(stderr, line);
  assert.doesNotMatch(stderr, /topsecret|dG9wc2VjcmV0/);
});
