import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, load } from "./load.ts";

const database = "metadata: { url: 'postgres://berth@db.example.org/berth' }";

test("without more the signing keys are this server's own", () => {
  const { auth } = load({ file: "auth: { mode: token }" }).config;
  assert.equal(auth?.secret_file, undefined);
  assert.deepEqual(auth?.token.key_files, []);
});

test("a secret file seals them, or they are given; files are absolute", () => {
  const sealed = load({ file: "auth: { secret_file: secrets/signing }" }).config.auth;
  assert.equal(sealed?.secret_file, "/srv/secrets/signing");
  const given = load({ file: "auth: { token: { key_files: [a.pem, /etc/b.pem] } }" }).config.auth;
  assert.deepEqual(given?.token.key_files, ["/srv/a.pem", "/etc/b.pem"]);
  const environment = { BERTH_AUTH_MODE: "token", BERTH_AUTH_TOKEN_KEY_FILES: "a.pem,b.pem" };
  assert.deepEqual(load({ environment }).config.auth?.token.key_files, ["/srv/a.pem", "/srv/b.pem"]);
});

test("both at once are a fault", () => {
  const file = "auth:\n  secret_file: /s\n  token: { key_files: /k.pem }";
  assert.match(
    faultsOf({ file }).join(),
    /^auth\.token\.key_files .*can't stand together with auth\.secret_file/,
  );
});

test("with a database that servers share one of them is needed, as long as Berth issues the tokens", () => {
  const places = [database, "metadata: { url_file: /run/secrets/database }"];
  for (const place of places) {
    const faults = faultsOf({ file: `auth: { mode: token }\n${place}` });
    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? "", /^auth\.secret_file: is missing.*openssl rand -base64 48.*key_files/s);
    assert.ok(load({ file: `auth: { secret_file: /s }\n${place}` }));
    assert.ok(load({ file: `auth: { token: { key_files: [/k.pem] } }\n${place}` }));
    assert.ok(load({ file: place }));
    assert.ok(load({ file: `auth: { mode: none }\n${place}` }));
    const outside = "mode: outside, outside: { realm: 'https://a/token', issuer: a, jwks_file: /j }";
    assert.ok(load({ file: `auth: { ${outside} }\n${place}` }));
  }
});
