import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, load } from "./load.ts";

test("the token service is named after external_url, else berth, else as written", () => {
  const service = (file: string) => load({ file }).config.auth?.service;
  assert.equal(service("auth: { mode: token }"), "berth");
  assert.equal(
    service("external_url: https://r.example.org:8443\nauth: { mode: token }"),
    "r.example.org:8443",
  );
  assert.equal(service("auth: { service: mine }"), "mine");
});

test("an outside token server needs its realm, its issuer and exactly one place of keys", () => {
  const file = (more: string) => `auth:\n  mode: outside\n  outside: { ${more} }`;
  assert.equal(faultsOf({ file: "auth: { mode: outside }" }).length, 3);
  const both = "realm: https://a/token, issuer: a, jwks_file: /j, certificates: /c";
  assert.match(
    faultsOf({ file: file(both) }).join(),
    /exactly one of jwks_file, jwks_url and certificates, and has 2/,
  );
  const good = "realm: https://a.example.org/token, issuer: a, jwks_file: /j";
  assert.equal(load({ file: file(good) }).config.auth?.outside.jwks_file, "/j");
});

test("policy rules say who may do what; words and single values may stand alone", () => {
  const file = "policy:\n  rules:\n    - { repositories: 'a/**', who: [user:x, group:y], allow: '*' }";
  assert.deepEqual(load({ file }).config.policy.rules, [
    {
      name: undefined,
      repositories: ["a/**"],
      who: ["user:x", "group:y"],
      allow: ["pull", "push", "overwrite", "delete"],
    },
  ]);
});

test("a rule about nobody, nothing or with a misspelt key is a fault with its line", () => {
  const rule = (text: string) => faultsOf({ file: `policy:\n  rules:\n    - { ${text} }` }).join("\n");
  assert.match(rule("repositories: a, who: alice, allow: pull"), /line 3.*is it user:alice/);
  assert.match(rule("repositories: a, who: anonymus, allow: pull"), /did you mean "anonymous"/);
  assert.match(rule("repositories: a, who: user:a, allow: read"), /is one of pull, push, overwrite, delete/);
  assert.match(rule("repositories: A, who: user:a, allow: pull"), /is not a pattern of repository names/);
  assert.match(rule("repository: a, who: user:a, allow: pull"), /did you mean "repositories"/);
});

test("client certificates need a CA", () => {
  const file = "tls: { certificate: /c, key: /k, client_certificates: required }";
  assert.match(faultsOf({ file }).join(), /^tls\.client_certificates .*needs tls\.client_ca/);
});
