import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import pino from "pino";
import { AppError } from "#core/errors.ts";
import { openTls } from "#http/edge/tls.ts";
import type { TlsOptions } from "#http/edge/tls-files.ts";
import { needs } from "../clients/needs.ts";
import { makeAuthority } from "../harness/certificates.ts";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, oci, registryClient } from "../harness/registry-client.ts";

const rest = { client_ca: undefined, client_certificates: "off", min_version: "TLSv1.2" } as const;

async function refused(options: TlsOptions, words: RegExp): Promise<void> {
  await assert.rejects(openTls(options, pino({ level: "silent" })), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "unavailable");
    assert.match(error.message, words);
    return true;
  });
}

test("without a usable pair the start is refused, naming key and file", needs("openssl"), async () => {
  using authority = makeAuthority();
  const { certificate, key } = authority.issue("server");
  const other = authority.issue("other");
  const none = join(authority.folder, "none.pem");
  await refused({ ...rest, certificate: none, key }, /^tls\.certificate: .*none\.pem is not there/);
  await refused({ ...rest, certificate, key: none }, /^tls\.key: .*none\.pem is not there/);
  await refused({ ...rest, certificate: key, key }, /^tls\.certificate: .*server\.key holds no certificate/);
  await refused({ ...rest, certificate, key: certificate }, /^tls\.key: .*server\.pem holds no private key/);
  await refused({ ...rest, certificate, key: other.key }, /^tls\.key: .*other\.key is not the key of/);
  await refused(
    { ...rest, certificate, key, client_ca: key, client_certificates: "required" },
    /^tls\.client_ca: .*server\.key holds no certificate/,
  );
});

test("a key with a passphrase is refused in words", needs("openssl"), async () => {
  using authority = makeAuthority();
  const { certificate, key } = authority.issue("server");
  const locked = join(authority.folder, "locked.key");
  execFileSync("openssl", ["pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", locked]);
  await refused(
    { ...rest, certificate, key: locked },
    /^tls\.key: .*locked\.key is protected by a passphrase/,
  );
});

test("a key that is no longer there after the start changes nothing", needs("openssl"), async () => {
  using authority = makeAuthority();
  const { certificate, key, keyText } = authority.issue("server");
  using tls = await openTls({ ...rest, certificate, key }, pino({ level: "silent" }), 1_000_000);
  writeFileSync(key, "");
  await tls.reload();
  assert.equal(tls.current.key, keyText);
});

test("the registry serves https, and plain HTTP where the address says so", needs("openssl"), async () => {
  using authority = makeAuthority();
  const { certificate, key } = authority.issue("server");
  await using berth = await startBerth({
    listen: [
      { host: "127.0.0.1", port: 0 },
      { host: "127.0.0.1", port: 0, plain: true },
    ],
    tls: { ...rest, certificate, key },
  });
  const [secure = "", plain = ""] = berth.urls;
  assert.match(secure, /^https:/);
  assert.match(plain, /^http:/);
  const client = registryClient(secure, { ca: authority.ca });
  const image = oci.image();
  await client.push("app/web", image, "latest");
  expectStatus(await client.get("/v2/app/web/manifests/latest"), 200);
  expectStatus(await registryClient(plain).get("/v2/app/web/manifests/latest"), 200);
});
