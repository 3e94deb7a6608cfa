import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { byHmac, byKey, contentsOf, forge, jwk } from "../auth/forge.ts";
import { expectError, expectStatus } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const target = "/v2/alice/app/tags/list";

/** A server with alice and a good token of hers, whose claims a forger knows. */
async function house() {
  const guarded = await startGuarded();
  const alice = await guarded.addUser("alice");
  const good = await guarded.token(alice, "repository:alice/app:pull,push");
  const { header, claims } = contentsOf(good);
  const folder = join(guarded.data, "keys");
  const [file = ""] = readdirSync(folder).filter((name) => name.endsWith(".pem"));
  const privateKey = createPrivateKey(readFileSync(join(folder, file)));
  const refused = async (token: string) => {
    const answer = await guarded.bearer(token).get(target);
    expectError(answer, 401, "UNAUTHORIZED");
    const challenge = answer.headers.get("www-authenticate") ?? "";
    assert.match(challenge, /^Bearer realm="[^"]+",service="berth",scope="[^"]+",error="invalid_token"$/);
  };
  return {
    guarded,
    good,
    header,
    claims,
    privateKey,
    publicKey: createPublicKey(privateKey),
    refused,
    /** Not 401: the repository isn't there yet. */
    accepted: async (token: string) => expectStatus(await guarded.bearer(token).get(target), 404),
    [Symbol.asyncDispose]: () => guarded[Symbol.asyncDispose](),
  };
}

test("a token that is signed with the registry's own key is taken (so that the refusals below mean something)", async () => {
  await using one = await house();
  await one.accepted(one.good);
  await one.accepted(forge(one.header, one.claims, byKey(one.privateKey)));
});

test("alg none, however it is written, is refused", async () => {
  await using one = await house();
  for (const alg of ["none", "None", "NONE", "nOnE", "", null, ["none"], 0]) {
    await one.refused(forge({ ...one.header, alg }, one.claims, () => undefined));
    await one.refused(forge({ ...one.header, alg }, one.claims, byKey(one.privateKey)));
  }
  const [head = "", body = ""] = one.good.split(".");
  for (const token of [`${head}.${body}.`, `${head}.${body}`, `${head}..`, `..`, head])
    await one.refused(token);
});

test("HS256 with the public key (PEM, DER, JWK) as the secret instead of ES256 is refused", async () => {
  await using one = await house();
  const pem = one.publicKey.export({ type: "spki", format: "pem" });
  const der = one.publicKey.export({ type: "spki", format: "der" });
  const text = JSON.stringify(one.publicKey.export({ format: "jwk" }));
  for (const secret of [pem, (pem as string).trim(), der, text, String(one.header["kid"])])
    for (const alg of ["HS256", "HS384", "HS512"])
      await one.refused(forge({ ...one.header, alg }, one.claims, byHmac(secret)));
});

test("RS256 and other families with the id of an ES256 key are refused", async () => {
  await using one = await house();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  for (const alg of ["RS256", "PS256", "ES384", "ES512", "EdDSA", "es256", "ES256K"])
    await one.refused(forge({ ...one.header, alg }, one.claims, byKey(privateKey)));
});

test("a key in the token's own header (jwk, x5c) is not trusted (CVE-2025-24976)", async () => {
  await using one = await house();
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  for (const kid of [one.header["kid"], "mine", undefined])
    for (const more of [
      { jwk: jwk(publicKey, { kid, alg: "ES256", use: "sig" }) },
      { x5c: [publicKey.export({ type: "spki", format: "der" }).toString("base64")] },
    ])
      await one.refused(forge({ alg: "ES256", typ: "JWT", kid, ...more }, one.claims, byKey(privateKey)));
});

test("a key's address in the token's own header (jku, x5u) is never asked (CVE-2025-24976)", async () => {
  await using one = await house();
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.end(JSON.stringify({ keys: [jwk(publicKey, { kid: "mine", alg: "ES256" })] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys.json`;
    for (const more of [{ jku: url }, { x5u: url }, { jku: url, x5u: url, jwk: jwk(publicKey) }])
      for (const kid of ["mine", one.header["kid"]])
        await one.refused(forge({ alg: "ES256", kid, ...more }, one.claims, byKey(privateKey)));
    assert.equal(asked, 0);
  } finally {
    server.close();
  }
});

test("a key id with a path, a wrong type or none at all finds no key", async () => {
  await using one = await house();
  for (const kid of ["../../berth.db", "/etc/passwd", "", "a".repeat(5_000), 7, null, ["x"], undefined])
    await one.refused(forge({ ...one.header, kid }, one.claims, byKey(one.privateKey)));
});

test("a token whose claims were changed after signing is refused", async () => {
  await using one = await house();
  const [head = "", , signature = ""] = one.good.split(".");
  const claims = { ...one.claims, access: [{ type: "repository", name: "alice/app", actions: ["*"] }] };
  const body = Buffer.from(JSON.stringify(claims)).toString("base64url");
  await one.refused(`${head}.${body}.${signature}`);
  await one.refused(`${one.good}x`);
  await one.refused(one.good.slice(0, -6));
});

test("a header with critical extensions is refused", async () => {
  await using one = await house();
  await one.refused(forge({ ...one.header, crit: ["exp"] }, one.claims, byKey(one.privateKey)));
  await one.refused(forge({ ...one.header, b64: false, crit: ["b64"] }, one.claims, byKey(one.privateKey)));
});

test("an expired token is refused, one within the allowed skew of clocks is not", async () => {
  await using one = await house();
  const now = Math.floor(Date.now() / 1000);
  const until = (exp: unknown) => forge(one.header, { ...one.claims, exp }, byKey(one.privateKey));
  await one.refused(until(now - 75));
  await one.refused(until(0));
  for (const exp of [undefined, null, "9999999999", {}]) await one.refused(until(exp));
  await one.accepted(until(now - 30));
});

test("a token that is not valid yet is refused, one within the allowed skew of clocks is not", async () => {
  await using one = await house();
  const now = Math.floor(Date.now() / 1000);
  for (const claim of ["nbf", "iat"]) {
    const from = (at: unknown) => forge(one.header, { ...one.claims, [claim]: at }, byKey(one.privateKey));
    await one.refused(from(now + 90));
    await one.refused(from("soon"));
    await one.accepted(from(now + 30));
  }
});

test("a token of another audience is refused", async () => {
  await using one = await house();
  for (const aud of [
    "other.example.org",
    "berth ",
    "BERTH",
    "",
    null,
    undefined,
    [],
    ["other"],
    { a: "berth" },
  ])
    await one.refused(forge(one.header, { ...one.claims, aud }, byKey(one.privateKey)));
});

test("a token of another issuer is refused", async () => {
  await using one = await house();
  for (const iss of ["https://evil.example.org", "berth.", "", null, undefined, ["berth"]])
    await one.refused(forge(one.header, { ...one.claims, iss }, byKey(one.privateKey)));
});

test("signed claims without sense are refused, not served and no fault of the server", async () => {
  await using one = await house();
  for (const change of [
    { sub: 7 },
    { berth: undefined },
    { berth: { kind: "operator", at: 0 } },
    { berth: { kind: "user", id: "user:1", uid: "1", at: Date.now() } },
    { berth: { kind: "user", id: "user:999", uid: 1, at: Date.now() } },
    { access: "everything" },
  ])
    await one.refused(forge(one.header, { ...one.claims, ...change }, byKey(one.privateKey)));
});
