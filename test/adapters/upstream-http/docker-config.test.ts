import assert from "node:assert/strict";
import { test } from "node:test";
import { dockerCredentials } from "#adapters/upstream-http/docker-config.ts";

const read = (config: unknown, url = "https://ghcr.io") => dockerCredentials(JSON.stringify(config), url);
const auth = (text: string) => Buffer.from(text).toString("base64");

test("name and password are those of the upstream's host", () => {
  const auths = { "ghcr.io": { auth: auth("us:a:b") }, "quay.io": { auth: auth("them:c") } };
  assert.deepEqual(read({ auths }), { username: "us", password: "a:b" });
  assert.deepEqual(read({ auths: { "https://ghcr.io/v2/": { username: "us", password: "p" } } }), {
    username: "us",
    password: "p",
  });
  assert.equal(read({ auths }, "https://registry.example.org"), undefined);
  assert.equal(read({ auths }, "https://ghcr.io:8443"), undefined);
  assert.equal(read({ auths: { "ghcr.io/some/one": { auth: auth("us:p") } } }), undefined);
  assert.equal(read({}), undefined);
});

test("Docker Hub is known by all its names", () => {
  const config = { auths: { "https://index.docker.io/v1/": { auth: auth("us:p") } } };
  for (const url of ["https://registry-1.docker.io", "https://docker.io", "https://index.docker.io"])
    assert.deepEqual(read(config, url), { username: "us", password: "p" });
});

test("an identity token and a registry token are what they are", () => {
  assert.deepEqual(read({ auths: { "ghcr.io": { auth: auth("<token>:"), identitytoken: "i" } } }), {
    identityToken: "i",
  });
  assert.deepEqual(read({ auths: { "ghcr.io": { registrytoken: "r" } } }), { token: "r" });
});

test("credentials in a helper's keeping are said to be there", () => {
  const fault = { code: "upstream-refused", message: /docker-credential-pass.*password_file/ };
  assert.throws(() => read({ credHelpers: { "ghcr.io": "pass" } }), fault);
  assert.throws(() => read({ auths: { "ghcr.io": {} }, credsStore: "pass" }), fault);
  assert.equal(read({ credHelpers: { "quay.io": "pass" }, credsStore: "pass" }), undefined);
});

test("a broken file is said to be broken, without a word of what is in it", () => {
  assert.throws(
    () => dockerCredentials("secret{", "https://ghcr.io"),
    (error: Error) => {
      assert.match(error.message, /not JSON/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    },
  );
  assert.throws(() => read({ auths: { "ghcr.io": { auth: "secret" } } }), /not base64 of name:password/);
});
