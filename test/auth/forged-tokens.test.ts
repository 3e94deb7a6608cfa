import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { byHmac, byKey, contentsOf, forge, jwk, keyPairs } from "./forge.ts";
import { refused } from "./refused.ts";
import { openHouse, serve } from "./token-house.ts";

describe("tokens that aren't ours", () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  let own: { privateKey: KeyObject; publicKey: KeyObject };
  let good: { header: Record<string, unknown>; claims: Record<string, unknown> };
  let text: string;
  const pairs = keyPairs();
  before(async () => {
    house = await openHouse();
    await house.addUser("alice", "correct horse");
    const [name = ""] = readdirSync(house.keyFolder);
    const privateKey = createPrivateKey(readFileSync(join(house.keyFolder, name)));
    own = { privateKey, publicKey: createPublicKey(privateKey) };
    text = (await house.issue({ kind: "password", name: "alice", secret: "correct horse" }, [])).token;
    good = contentsOf(text);
  });
  after(() => house[Symbol.asyncDispose]());

  const signedAs = (header: object, claims: object) =>
    forge({ ...good.header, ...header }, { ...good.claims, ...claims }, byKey(own.privateKey));
  const refuses = (token: string, words?: RegExp) =>
    refused(house.tokens.verify(token), "unauthenticated", words);

  test("the hand-made twin of a good one is good", async () => {
    assert.equal((await house.tokens.verify(signedAs({}, {}))).name, "alice");
  });

  test("alg: none, in every spelling, with and without a signature", async () => {
    for (const alg of ["none", "None", "NONE", "nOnE", "", null, 0, ["ES256"]]) {
      await refuses(forge({ ...good.header, alg }, good.claims, () => undefined));
      await refuses(forge({ ...good.header, alg }, good.claims, byKey(own.privateKey)));
    }
    await refuses(text.slice(0, text.lastIndexOf(".") + 1));
  });

  test("HS for ES: the public key as the secret of an HMAC", async () => {
    const pem = own.publicKey.export({ type: "spki", format: "pem" }) as string;
    const der = own.publicKey.export({ type: "spki", format: "der" });
    for (const secret of [pem, pem.trim(), der, JSON.stringify(own.publicKey.export({ format: "jwk" })), ""])
      for (const alg of ["HS256", "ES256"])
        await refuses(forge({ ...good.header, alg }, good.claims, byHmac(secret)));
  });

  test("jwk, jku, x5u and x5c headers: a key that the token brings itself is never used", async () => {
    const { privateKey, publicKey } = pairs.ec;
    const kid = good.header["kid"];
    const mine = jwk(publicKey, { kid, alg: "ES256", use: "sig" });
    let fetched = 0;
    await using parts = new AsyncDisposableStack();
    const url = await serve(parts, (_, response) => {
      fetched++;
      response.end(JSON.stringify({ keys: [mine] }));
    });
    for (const header of [
      { jwk: mine },
      { jku: url },
      { x5u: url },
      { x5c: ["MIIB"] },
      { jwk: mine, jku: url },
    ]) {
      await refuses(forge({ ...good.header, ...header }, good.claims, byKey(privateKey)));
      const { kid: _, ...rest } = good.header;
      await refuses(forge({ ...rest, ...header }, good.claims, byKey(privateKey)));
      // Beside our own signature they are noise.
      assert.equal((await house.tokens.verify(signedAs(header, {}))).name, "alice");
    }
    assert.equal(fetched, 0);
  });

  test("expired, not yet valid, without an expiry; a minute of skew is forgiven", async () => {
    const now = Math.floor(house.clock() / 1000);
    await refuses(signedAs({}, { exp: now - 61 }), /expired/);
    await refuses(signedAs({}, { exp: undefined }), /expiry/);
    await refuses(signedAs({}, { exp: `${now + 100}` }), /expiry/);
    await refuses(signedAs({}, { nbf: now + 75 }), /not valid yet/);
    await refuses(signedAs({}, { iat: now + 75 }), /not valid yet/);
    await refuses(signedAs({}, { nbf: "soon" }), /not valid yet/);
    assert.equal((await house.tokens.verify(signedAs({}, { exp: now - 50 }))).name, "alice");
    assert.equal((await house.tokens.verify(signedAs({}, { nbf: now + 50, iat: now + 50 }))).name, "alice");
  });

  test("wrong audience or issuer", async () => {
    for (const other of ["other.test", "", undefined, null, 1, ["registry.test.evil"], {}]) {
      await refuses(signedAs({}, { aud: other }), /another service/);
      await refuses(signedAs({}, { iss: other }), /another issuer/);
    }
    assert.equal((await house.tokens.verify(signedAs({}, { aud: ["x", "registry.test"] }))).name, "alice");
  });

  test("another key, another key's id, no id, a key of another kind", async () => {
    await refuses(forge(good.header, good.claims, byKey(pairs.ec.privateKey)), /signature/);
    await refuses(signedAs({ kid: "unknown" }, {}), /key/);
    await refuses(signedAs({ kid: "../../etc/passwd" }, {}), /key/);
    await refuses(signedAs({ kid: undefined }, {}), /key/);
    await refuses(
      forge({ ...good.header, alg: "RS256" }, good.claims, byKey(pairs.rsa.privateKey)),
      /algorithm/,
    );
    await refuses(
      forge({ ...good.header, alg: "ES384" }, good.claims, byKey(own.privateKey, "sha384")),
      /algorithm/,
    );
  });

  test("changed claims under a good signature", async () => {
    const [header, , signature] = text.split(".");
    const claims = Buffer.from(JSON.stringify({ ...good.claims, sub: "root" })).toString("base64url");
    await refuses(`${header}.${claims}.${signature}`, /signature/);
  });

  test("critical extensions that are unknown", async () => {
    await refuses(signedAs({ crit: ["b64"], b64: false }, {}), /extensions/);
  });

  test("what is no token, and what is too long for one", async () => {
    for (const no of [
      "",
      ".",
      "..",
      "a.b",
      "a.b.c",
      "a.b.c.d",
      "é.é.é",
      `${text} `,
      `${text}.x`,
      "e30.e30.AA",
    ])
      await refuses(no);
    await refuses("a".repeat(100_000), /long/);
    await refuses(`${"eyJ".repeat(6_000)}.e30.AA`, /long/);
  });

  test("claims of ours that make no sense", async () => {
    for (const berth of [undefined, null, {}, "x", { kind: "operator", at: 0 }, { kind: "open", at: 0 }])
      await refuses(signedAs({}, { berth }), /claims/);
    await refuses(signedAs({}, { access: "repository:a:pull" }), /claims/);
    await refuses(signedAs({}, { sub: 17 }), /claims/);
  });
});
