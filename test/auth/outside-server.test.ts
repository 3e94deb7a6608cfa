import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { KeySource } from "#auth/key-source.ts";
import { createKeysFromFile } from "#auth/keys-from-file.ts";
import { createKeysFromUrl } from "#auth/keys-from-url.ts";
import { createOutsideTokens } from "#auth/outside.ts";
import { createFetchJson } from "#kit/fetch-json.ts";
import { fileText } from "#kit/file-cache.ts";
import { libtrustId, thumbprint } from "#kit/keys.ts";
import { byHmac, byKey, forge, jwk, keyPairs } from "./forge.ts";
import { refused } from "./refused.ts";
import { serve } from "./token-house.ts";

const issuer = "https://tokens.example";
const service = "registry.test";
const pairs = keyPairs();
const access = [{ type: "repository", name: "team/app", actions: ["pull", "push"] }];

/** Self-signed, its key thrown away. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIUcP9fbKXMzcpyX8JDl7UhJia6zn8wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdG9rZW5zLmV4YW1wbGUwIBcNMjYxMTIxMDcwMjQxWhgPMjEy
NjEwMjgwNzAyNDFaMBkxFzAVBgNVBAMMDnRva2Vucy5leGFtcGxlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEwKi+5liGr8iZmwXQkf5Jb0XTSUGy9wzPD8EGi3ta
ofc35j9KvBXXRtEgnRdgfflYHsCVEStHyTgJZsTlYiNAPKNTMFEwHQYDVR0OBBYE
FDs+TzsAt76kfPMcafr3vFRDo08PMB8GA1UdIwQYMBaAFDs+TzsAt76kfPMcafr3
vFRDo08PMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgAccmGTH2
4CqL4x9BMWOew1k9NIWw4Neq9fxm8G+nQFICIQDhspHa7NlEdrjmJCLlJjDWQ07K
MBwqwM+/1fx3dHBfag==
-----END CERTIFICATE-----`;

describe("tokens of an outside server", () => {
  const parts = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "berth-outside-"));
  let shift = 0;
  const clock = () => Date.now() + shift;
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  after(async () => {
    await parts.disposeAsync();
    rmSync(folder, { recursive: true, force: true });
  });

  const claims = (more: object = {}) => {
    const now = Math.floor(clock() / 1000);
    return { iss: issuer, aud: service, sub: "carol", iat: now, nbf: now, exp: now + 300, access, ...more };
  };
  const outside = (keys: KeySource) => createOutsideTokens({ issuer, service, keys, clock });
  const file = (name: string, format: "jwks" | "certificates", text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return createKeysFromFile({ path, format, read: fileText(path, { every: 0 }), warn });
  };
  const set = (...keys: object[]) => JSON.stringify({ keys });

  describe("with a JWKS file", () => {
    const all = set(
      jwk(pairs.ec.publicKey, { kid: "ec" }),
      jwk(pairs.rsa.publicKey, { kid: "rsa", use: "sig", alg: "RS256" }),
      jwk(pairs.ed.publicKey, { kid: "ed" }),
      jwk(pairs.ec384.publicKey, { kid: "ec384" }),
      jwk(pairs.weak.publicKey, { kid: "weak" }),
      { kty: "oct", k: Buffer.from("secret").toString("base64url"), kid: "oct" },
      { kty: "EC", crv: "P-256", x: "no", y: "no", kid: "broken" },
    );
    let tokens: ReturnType<typeof outside>;
    before(() => {
      tokens = outside(file("all.json", "jwks", all));
    });

    test("its access claims are the authority", async () => {
      const token = forge({ alg: "ES256", kid: "ec" }, claims(), byKey(pairs.ec.privateKey));
      const known = await tokens.verify(token);
      assert.equal(known.kind, "outside");
      assert.equal(known.id, "outside:carol");
      assert.equal(known.name, "carol");
      assert.equal(known.admin, false);
      assert.deepEqual(known.grants, access);
      assert.equal(await tokens.verify(token), known, "the second time nothing is computed");
    });

    test("RSA, Ed25519 and P-384 keys sign as well, each with its own algorithm only", async () => {
      const good: [string, string, keyof typeof pairs, string?][] = [
        ["RS256", "rsa", "rsa"],
        ["EdDSA", "ed", "ed"],
        ["ES384", "ec384", "ec384", "sha384"],
      ];
      for (const [alg, kid, pair, hash] of good) {
        const token = forge({ alg, kid }, claims(), byKey(pairs[pair].privateKey, hash));
        assert.equal((await tokens.verify(token)).name, "carol", alg);
      }
      for (const [alg, kid, pair, hash] of [
        ["RS512", "rsa", "rsa", "sha512"],
        ["ES256", "ec384", "ec384"],
        ["RS256", "ec", "ec"],
        ["ES256", "rsa", "rsa"],
        ["RS256", "weak", "weak"],
      ] as [string, string, keyof typeof pairs, string?][])
        await refused(
          tokens.verify(forge({ alg, kid }, claims(), byKey(pairs[pair].privateKey, hash))),
          "unauthenticated",
        );
    });

    test("HS for RS, a symmetric key of the set, alg none", async () => {
      const pem = pairs.rsa.publicKey.export({ type: "spki", format: "pem" });
      for (const [kid, secret] of [
        ["rsa", pem],
        ["oct", "secret"],
        [undefined, "secret"],
      ] as const)
        for (const alg of ["HS256", "RS256", "none"])
          await refused(tokens.verify(forge({ alg, kid }, claims(), byHmac(secret))), "unauthenticated");
    });

    test("keys are found by their id, their thumbprint, libtrust's id, or all are tried", async () => {
      const { privateKey, publicKey } = pairs.ec;
      for (const kid of ["ec", thumbprint(publicKey), libtrustId(publicKey), undefined])
        assert.equal(
          (await tokens.verify(forge({ alg: "ES256", kid }, claims(), byKey(privateKey)))).name,
          "carol",
        );
      for (const kid of ["ed", "other"])
        await refused(
          tokens.verify(forge({ alg: "ES256", kid }, claims(), byKey(privateKey))),
          "unauthenticated",
          /no known key/,
        );
    });

    test("wrong issuer, audience, times, access claims, subjects", async () => {
      const past = Math.floor(clock() / 1000) - 61;
      for (const wrong of [
        { iss: "https://evil.example" },
        { aud: "other" },
        { aud: undefined },
        { exp: past },
        { exp: undefined },
        { nbf: past + 200 },
        { access: "repository:team/app:pull" },
        { access: Array.from({ length: 1_001 }, () => access[0]) },
        { sub: "a\nb" },
        { sub: "a".repeat(300) },
        { sub: 17 },
      ])
        await refused(
          tokens.verify(forge({ alg: "ES256", kid: "ec" }, claims(wrong), byKey(pairs.ec.privateKey))),
          "unauthenticated",
        );
    });

    test("entries that mean nothing here are left out, and without a subject it is an anonymous one", async () => {
      const odd = [...access, null, 1, {}, { type: "plugin", name: "a", actions: ["pull"] }];
      const more = [
        { type: "repository", name: "../x", actions: ["pull"] },
        { type: "repository", name: "y" },
      ];
      const known = await tokens.verify(
        forge(
          { alg: "ES256", kid: "ec" },
          claims({ sub: "", access: [...odd, ...more] }),
          byKey(pairs.ec.privateKey),
        ),
      );
      assert.deepEqual(known.grants, access);
      assert.deepEqual([known.id, known.name, known.kind], [undefined, "anonymous", "outside"]);
    });

    test("the file is read again when it changes; a faulty one leaves the old keys in use", async () => {
      const keys = file("turn.json", "jwks", set(jwk(pairs.ec.publicKey)));
      const path = join(folder, "turn.json");
      const byEc = () => outside(keys).verify(forge({ alg: "ES256" }, claims(), byKey(pairs.ec.privateKey)));
      const byRsa = () =>
        outside(keys).verify(forge({ alg: "RS256" }, claims(), byKey(pairs.rsa.privateKey)));
      await byEc();
      await refused(byRsa(), "unauthenticated");
      writeFileSync(path, set(jwk(pairs.rsa.publicKey)));
      utimesSync(path, 1, 1);
      await byRsa();
      await refused(byEc(), "unauthenticated");
      writeFileSync(path, "{ not json");
      utimesSync(path, 2, 2);
      await byRsa();
      assert.match(warnings.at(-1) ?? "", /turn\.json holds no public key/);
      rmSync(path);
      await byRsa();
      assert.match(warnings.at(-1) ?? "", /turn\.json can't be read/);
    });

    test("without any key tokens can't be checked, and the client isn't told the path", async () => {
      const path = join(folder, "missing.json");
      const keys = createKeysFromFile({ path, format: "jwks", read: fileText(path), warn });
      const error = await refused(
        outside(keys).verify(forge({ alg: "ES256" }, claims(), byKey(pairs.ec.privateKey))),
        "unavailable",
      );
      assert.ok(!error.message.includes(folder));
    });
  });

  test("with a bundle of certificates and keys", async () => {
    const pem = pairs.rsa.publicKey.export({ type: "spki", format: "pem" }) as string;
    const tokens = outside(file("bundle.pem", "certificates", `# ours\n${certificate}\n${pem}`));
    const rsa = byKey(pairs.rsa.privateKey);
    for (const kid of [undefined, libtrustId(pairs.rsa.publicKey), "anything"])
      assert.equal((await tokens.verify(forge({ alg: "RS256", kid }, claims(), rsa))).name, "carol");
    const x5c = [pairs.ec.publicKey.export({ type: "spki", format: "der" }).toString("base64")];
    await refused(
      tokens.verify(forge({ alg: "ES256", x5c }, claims(), byKey(pairs.ec.privateKey))),
      "unauthenticated",
    );
    const { candidates } = file("one.pem", "certificates", certificate);
    assert.equal((await candidates(undefined)).length, 1);
  });

  test("with a JWKS address: fetched once, again for an unknown id at most every 30 s", async () => {
    let body = set(jwk(pairs.ec.publicKey, { kid: "one" }));
    let fetched = 0;
    const url = await serve(parts, (_, response) => {
      fetched++;
      response.end(body);
    });
    const tokens = outside(
      createKeysFromUrl({ url, discover: false, fetchJson: createFetchJson(), warn, clock }),
    );
    const one = (more = {}) => forge({ alg: "ES256", kid: "one" }, claims(more), byKey(pairs.ec.privateKey));
    await Promise.all([1, 2, 3, 4].map((jti) => tokens.verify(one({ jti }))));
    assert.equal(fetched, 1);
    body = set(jwk(pairs.rsa.publicKey, { kid: "two" }));
    const two = forge({ alg: "RS256", kid: "two" }, claims(), byKey(pairs.rsa.privateKey));
    await refused(tokens.verify(two), "unauthenticated");
    assert.equal(fetched, 1);
    shift += 30_000;
    await Promise.all([1, 2, 3].map(() => tokens.verify(two)));
    assert.equal(fetched, 2);
    for (let at = 0; at < 20; at++)
      await refused(
        tokens.verify(forge({ alg: "ES256", kid: `k${at}` }, claims(), byKey(pairs.ec.privateKey))),
        "unauthenticated",
      );
    assert.equal(fetched, 2);
    for (let at = 0; at < 5; at++)
      await refused(
        tokens.verify(forge({ alg: "RS256" }, claims({ iss: "x" }), byHmac("x"))),
        "unauthenticated",
      );
    assert.equal(fetched, 2, "a foreign issuer's token makes nothing fetched");
  });

  test("an address that fails: 503 without keys; with keys they are used for an hour", async () => {
    let good = false;
    const url = await serve(parts, (_, response) => {
      if (good) response.end(set(jwk(pairs.ec.publicKey, { kid: "one" })));
      else response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    });
    const tokens = outside(
      createKeysFromUrl({ url, discover: false, fetchJson: createFetchJson(), warn, clock }),
    );
    const one = () =>
      tokens.verify(forge({ alg: "ES256", kid: "one" }, claims({ jti: shift }), byKey(pairs.ec.privateKey)));
    await refused(one(), "unavailable");
    assert.match(warnings.at(-1) ?? "", /302.*not followed/);
    good = true;
    await refused(one(), "unavailable");
    shift += 30_000;
    await one();
    good = false;
    shift += 59 * 60_000;
    await one();
    shift += 60_000;
    await refused(one(), "unavailable");
  });
});

test("what is fetched is bounded in bytes and time", async () => {
  await using parts = new AsyncDisposableStack();
  const url = await serve(parts, (request, response) => {
    if (request.url === "/long") response.end(`"${"x".repeat(10_000)}"`);
    else if (request.url === "/html") response.end("<html>");
    else response.write("{");
  });
  const fetchJson = createFetchJson({ limit: 1_000, timeout: 300 });
  await assert.rejects(fetchJson(`${url}/long`), /longer than 1000 bytes/);
  await assert.rejects(fetchJson(`${url}/html`), /not JSON/);
  await assert.rejects(fetchJson(`${url}/slow`), /no whole answer in 0\.3 s/);
  await assert.rejects(fetchJson("http://127.0.0.1:1/"), /can't be read/);
});
