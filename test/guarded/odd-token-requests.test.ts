import assert from "node:assert/strict";
import { test } from "node:test";
import { expectStatus } from "../harness/registry-client.ts";
import { startGuarded } from "./guarded.ts";

const form = "application/x-www-form-urlencoded";

async function house() {
  const guarded = await startGuarded();
  await guarded.addUser("alice");
  const good =
    "grant_type=password&username=alice&password=password-of-alice&scope=repository:alice/app:pull";
  const post = (body: string | Uint8Array, type: string | undefined = form, path = "/token") =>
    guarded.as(undefined).request("POST", path, {
      headers: type === undefined ? {} : { "content-type": type },
      body,
    });
  return { guarded, good, post };
}

test("a good form is taken, with a charset and in any case of its type", async () => {
  const { guarded, good, post } = await house();
  await using _guarded = guarded;
  for (const type of [form, `${form}; charset=utf-8`, form.toUpperCase()]) {
    const answer = await post(good, type);
    expectStatus(answer, 200);
    assert.equal(answer.headers.get("cache-control"), "no-store");
  }
});

test("bodies of other types are refused as invalid_request", async () => {
  const { guarded, good, post } = await house();
  await using _guarded = guarded;
  const json = JSON.stringify(Object.fromEntries(new URLSearchParams(good)));
  for (const [body, type] of [
    [json, "application/json"],
    [good, "text/plain"],
    [good, "multipart/form-data; boundary=x"],
    [good, ""],
    [good, `x ${form}`],
  ] as const) {
    const answer = await post(body, type);
    expectStatus(answer, 400);
    assert.match(answer.body.toString(), /"error":"invalid_request"/);
  }
});

test("a field that stands twice is refused, whichever is right", async () => {
  const { guarded, good, post } = await house();
  await using _guarded = guarded;
  for (const more of [
    "grant_type=password",
    "grant_type=refresh_token",
    "username=bob",
    "username=alice",
    "password=x",
    "service=berth&service=other",
  ])
    for (const body of [`${good}&${more}`, `${more}&${good}`]) expectStatus(await post(body), 400);
});

test("fields in the query count for nothing in a POST", async () => {
  const { guarded, good, post } = await house();
  await using _guarded = guarded;
  expectStatus(await post("", form, `/token?${good}`), 400);
  expectStatus(
    await post("grant_type=password&username=alice", form, "/token?password=password-of-alice"),
    400,
  );
});

test("missing, empty, unknown and odd fields are refused in words", async () => {
  const { guarded, good, post } = await house();
  await using _guarded = guarded;
  for (const body of [
    "",
    "&&&&",
    "=",
    "grant_type",
    "grant_type=",
    "grant_type=password",
    "grant_type=password&username=alice",
    "grant_type=password&username=alice&password=",
    "grant_type=refresh_token",
    "grant_type=client_credentials&client_id=a&client_secret=b",
    "grant_type=authorization_code&code=x",
    "grant_type=__proto__",
    "GRANT_TYPE=password&USERNAME=alice&PASSWORD=x",
    good.replace("grant_type", "grant%5ftype%00"),
    `${good}&service=elsewhere`,
    "\u0000\u0001\u0002",
    "%ff%fe=%80",
    "{}",
  ]) {
    const answer = await post(body);
    expectStatus(answer, 400);
    assert.match(answer.body.toString(), /"error":"(invalid_request|unsupported_grant_type)"/, body);
  }
});

test("a huge body, a body of a million fields and one without end are refused", async () => {
  const { guarded, good, post } = await house();
  await using _guarded = guarded;
  expectStatus(await post(`${good}&x=${"y".repeat(70_000)}`), 413);
  expectStatus(await post(Buffer.alloc(2 * 1024 * 1024, "a=b&")), 413);
  async function* endless() {
    for (let at = 0; at < 200; at++) yield Buffer.alloc(16 * 1024, "a=b&");
  }
  const answer = await guarded.as(undefined).request("POST", "/token", {
    headers: { "content-type": form },
    body: endless(),
  });
  expectStatus(answer, 413);
  const fields = `${good}${"&a=b".repeat(15_000)}`;
  expectStatus(await post(fields), 200);
});

test("Authorization has no say in a POST: the form's grant does", async () => {
  const { guarded, good } = await house();
  await using _guarded = guarded;
  const bob = await guarded.addUser("bob");
  const answer = await guarded
    .as(bob)
    .request("POST", "/token", { headers: { "content-type": form }, body: good });
  expectStatus(answer, 200);
  assert.match(answer.body.toString(), /"scope":"repository:alice\/app:pull"/);
  const none = await guarded
    .as(bob)
    .request("POST", "/token", { headers: { "content-type": form }, body: "a=b" });
  expectStatus(none, 400);
});

test("GET /token with credentials that are none, or a Bearer token, is 401 and no anonymous token", async () => {
  const { guarded } = await house();
  await using _guarded = guarded;
  const token = await guarded.token(undefined);
  for (const header of ["", "Basic", "Basic !!!", `Bearer ${token}`, "Digest x", `Basic ${btoa("alice")}`]) {
    const answer = await guarded.withHeader(header).get("/token");
    expectStatus(answer, 401);
    assert.deepEqual(answer.headers.all("www-authenticate"), ['Basic realm="berth"']);
  }
});

test("other methods and spellings of /token give no token", async () => {
  const { guarded } = await house();
  await using _guarded = guarded;
  const client = guarded.as(await guarded.addUser("bob"));
  for (const method of ["HEAD", "PUT", "DELETE", "PATCH"]) {
    const answer = await client.request(method, "/token");
    expectStatus(answer, 405);
    assert.equal(answer.headers.get("allow"), "GET, POST");
  }
  for (const path of [
    "/token/",
    "//token",
    "/TOKEN",
    "/token/x",
    "/%74oken",
    "/token;a",
    "/v2/token",
    "/v2/../token",
  ])
    expectStatus(await client.get(path), 404);
  expectStatus(await client.get("/token?service=a&service=berth"), 400);
});
