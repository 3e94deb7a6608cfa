import assert from "node:assert/strict";
import { test } from "node:test";
import { expectError, expectStatus } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const path = "/v2/alice/app/tags/list";

async function house() {
  const guarded = await startGuarded();
  const alice = await guarded.addUser("alice");
  const token = await guarded.token(alice, "repository:alice/app:pull");
  const basic = guarded.basicOf(alice).slice("Basic ".length);
  const raw = (...lines: (string | Buffer)[]) => {
    const head = `GET ${path} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n`;
    const parts = lines.flatMap((line) => [Buffer.from(line), Buffer.from("\r\n")]);
    return guarded.as(undefined).raw(Buffer.concat([Buffer.from(head), ...parts, Buffer.from("\r\n")]));
  };
  return { guarded, alice, token, basic, raw };
}

test("the scheme is read without regard to case, with one space or several", async () => {
  const { guarded, token, basic } = await house();
  await using _guarded = guarded;
  for (const header of [
    `bearer ${token}`,
    `BEARER ${token}`,
    `Bearer    ${token}`,
    `Bearer ${token}   `,
    `basic ${basic}`,
    `BASIC  ${basic}`,
  ])
    expectStatus(await guarded.withHeader(header).get(path), 404);
});

test("headers that are no credentials are 401 with one challenge, never a fault and never anonymous", async () => {
  const { guarded, token, basic } = await house();
  await using _guarded = guarded;
  for (const header of [
    "",
    " ",
    "Bearer",
    "Bearer ",
    "Basic",
    "Basic ",
    `Bearer${token}`,
    `Bearer\t${token}`,
    `Bearer ${token} x`,
    `Bearer x ${token}`,
    `Bearer "${token}"`,
    `Bearer ${token},Bearer ${token}`,
    `Bearer ${token.slice(0, 40)} ${token.slice(40)}`,
    token,
    basic,
    `Basic ${token}`,
    `Bearer ${basic}`,
    `Token ${token}`,
    `Digest username="alice"`,
    `Negotiate ${basic}`,
    "Basic !!!!",
    "Basic =",
    "Basic ====",
    `Basic ${basic.slice(0, 3)}=${basic.slice(3)}`,
    `Basic ${basic} ${basic}`,
    `Basic ${Buffer.from("alice").toString("base64")}`,
    `Basic ${Buffer.from(":").toString("base64")}`,
    `Basic ${Buffer.from(":password-of-alice").toString("base64")}`,
    `Basic ${Buffer.from("alice:").toString("base64")}`,
    `Basic ${Buffer.from("alice\0:password-of-alice").toString("base64")}`,
    `Basic ${Buffer.from("alice:password-of-alice\0").toString("base64")}`,
    `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x80]).toString("base64")}`,
    `Basic ${Buffer.from("ALICE:password-of-alice").toString("base64")}`,
    `Basic ${Buffer.from(" alice:password-of-alice").toString("base64")}`,
    `Basic ${Buffer.from("alice\n:password-of-alice").toString("base64")}`,
    `Basic ${Buffer.from("x".repeat(4_000) + ":y").toString("base64")}`,
    `Bearer ${"a".repeat(20_000)}`,
    `Bearer ${"a.".repeat(9_000)}`,
    `Bearer ${Buffer.from(`{"alg":${"[".repeat(5_000)}`).toString("base64url")}.e30.e30`,
    "Bearer __proto__.constructor.prototype",
    "Bearer ..",
  ]) {
    const answer = await guarded.withHeader(header).get(path);
    // Node takes away blanks at the end; what waits after wrong passwords is as good.
    if (answer.status === 429) continue;
    expectError(answer, 401, "UNAUTHORIZED");
    assert.equal(answer.headers.all("www-authenticate").length, 1, header.slice(0, 60));
  }
});

test("bytes that are no ASCII, controls and NUL in the header are refused", async () => {
  const { guarded, basic, raw } = await house();
  await using _guarded = guarded;
  for (const line of [
    Buffer.from(`Authorization: Basic ${basic}\0`),
    Buffer.concat([Buffer.from("Authorization: Basic "), Buffer.from([0xff, 0xfe, 0x80])]),
    Buffer.from("Authorization: Bearer \u{1F511}"),
    Buffer.from(`Authorization\0: Basic ${basic}`),
    Buffer.from(`Authorization : Basic ${basic}`),
    Buffer.from(`Authorization: Basic\u00a0${basic}`),
    Buffer.from(`Authorization:\r\n Basic ${basic}`),
  ]) {
    const { status } = await raw(line);
    // Folded lines (RFC 9112 section 5.2) are refused by Node or read as one.
    assert.ok(
      [400, 401].includes(status) || (line.includes("\r\n") && status === 404),
      `${line.toString()} → ${status}`,
    );
  }
});

test("several Authorization headers never add up: the first one counts, or the request is refused", async () => {
  const { guarded, token, basic, raw } = await house();
  await using _guarded = guarded;
  const wrong = "Authorization: Bearer nonsense";
  for (const right of [`Authorization: Bearer ${token}`, `authorization: Basic ${basic}`]) {
    assert.ok([400, 401].includes((await raw(wrong, right)).status));
    assert.ok([400, 404].includes((await raw(right, wrong)).status));
  }
  const many = Array.from({ length: 500 }, () => wrong);
  assert.ok([400, 401, 431].includes((await raw(...many, `Authorization: Bearer ${token}`)).status));
});

test("a huge header is refused by its size, and the server goes on", async () => {
  const { guarded, raw } = await house();
  await using _guarded = guarded;
  const { status } = await raw(`Authorization: Bearer ${"a".repeat(66_000)}`);
  assert.equal(status, 431);
  expectStatus(await guarded.as(undefined).get("/livez"), 200);
});

test("credentials in other headers, in the query and in the address are no credentials", async () => {
  const { guarded, token, basic } = await house();
  await using _guarded = guarded;
  const client = guarded.as(undefined);
  for (const headers of [
    { "proxy-authorization": `Basic ${basic}` },
    { "x-authorization": `Bearer ${token}` },
    { cookie: `Authorization=Bearer ${token}` },
    { "x-forwarded-user": "alice", "x-remote-user": "alice", "remote-user": "alice" },
  ])
    expectError(await client.get(path, headers), 401, "UNAUTHORIZED");
  for (const target of [
    `${path}?access_token=${token}`,
    `${path}?authorization=Basic%20${basic}`,
    `http://alice:password-of-alice@127.0.0.1${path}`,
  ])
    expectError(await client.get(target), 401, "UNAUTHORIZED");
});

test("passwords of any UTF-8, with colons and blanks, sign in", async () => {
  const { guarded } = await house();
  await using _guarded = guarded;
  for (const [at, secret] of [
    "with:colons:::",
    " blanks  around ",
    "pässwörd-日本語",
    "🔑🔑🔑🔑🔑🔑🔑🔑",
    "quote\"'\\`$(x)",
  ].entries()) {
    const name = `user-${at}`;
    await guarded.manage("POST", "/users", { name, password: secret });
    expectStatus(await guarded.as({ name, secret }).get("/v2/"), 200);
    const form = { grant_type: "password", username: name, password: secret };
    expectStatus(await guarded.exchange(form), 200);
  }
});
