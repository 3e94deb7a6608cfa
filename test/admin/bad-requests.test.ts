import assert from "node:assert/strict";
import { test } from "node:test";
import { addUser, passwordOf } from "../auth/sign-in-desk.ts";
import { startApi } from "./api.ts";

test("bodies that aren't what the API takes are 400, with the reason", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  const password = "long enough";
  const users: [unknown, RegExp][] = [
    ["", /"name" is missing/],
    ["{", /not JSON/],
    ["[]", /not a JSON object/],
    ["null", /not a JSON object/],
    ['"x"', /not a JSON object/],
    [{ name: "x" }, /"password" is missing/],
    [{ name: 1, password }, /"name" is not a text/],
    [{ name: "x", password, admin: "yes" }, /"admin" is neither/],
    [{ name: "x", password, expires_at: "soon" }, /"expires_at" is not a time/],
    [{ name: "x", password, expires_at: "2000-01-01" }, /not a time to come/],
    [{ name: "x", password, amdin: true }, /no field "amdin"/],
    ['{"name":"x","password":"long enough","__proto__":{"admin":true}}', /no field "__proto__"/],
    [{ name: "../x", password }, /not a name/],
    [{ name: "x", password: "short" }, /fewer than 8/],
    [{ name: "longername", password: "longername" }, /is the name itself/],
  ];
  for (const [body, message] of users) {
    const { status, json } = await api.ask("root", "POST", "/api/v1/users", body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(json.errors[0].message, message);
    assert.equal(json.errors[0].code, "INVALID");
  }
  const robots: [unknown, RegExp][] = [
    [{ name: "r", rights: {} }, /not a list/],
    [{ name: "r", rights: [null] }, /has an entry that is not/],
    [{ name: "r", rights: [{ repositories: "a", actions: ["fly"] }] }, /allows "fly"/],
    [{ name: "r", rights: [{ repositories: "a", actions: [] }] }, /allows nothing/],
    [{ name: "r", rights: [{ repositories: "A", actions: ["pull"] }] }, /not a pattern/],
  ];
  for (const [body, message] of robots) {
    const { status, json } = await api.ask("root", "POST", "/api/v1/robots", body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(json.errors[0].message, message);
  }
  assert.equal((await api.ask("root", "PATCH", "/api/v1/users/root", {})).status, 400);
  for (const n of ["0", "-1", "x", "1e9"])
    assert.equal((await api.ask("root", "GET", `/api/v1/users?n=${n}`)).status, 400, n);
});

test("a body of more than 64 KiB is 413", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  const body = { name: "x", password: "x".repeat(70_000) };
  const { status, json } = await api.ask("root", "POST", "/api/v1/users", body);
  assert.equal(status, 413);
  assert.equal(json.errors[0].code, "SIZE_INVALID");
});

test("what a form on another page can send is refused", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  const authorization = `Basic ${Buffer.from(`root:${passwordOf("root")}`).toString("base64")}`;
  for (const type of [undefined, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const response = await fetch(`${api.url}/api/v1/users`, {
      method: "POST",
      headers: { authorization, ...(type === undefined ? {} : { "content-type": type }) },
      body: Buffer.from(JSON.stringify({ name: "eve", password: "long enough" })),
    });
    assert.equal(response.status, 415, type);
    assert.equal(response.headers.get("cache-control"), "no-store");
  }
});

test("unknown paths are 404, unknown methods 405 with Allow, names with odd letters nobody's", async () => {
  await using api = await startApi();
  await addUser(api.desk, "root", true);
  for (const path of [
    "/api/",
    "/api/v1",
    "/api/v1/users/",
    "/api/v1/users//",
    "/api/v1/users/a/b/c",
    "/api/v2/users",
    "/api/v1/users/%zz",
  ])
    assert.equal((await api.ask("root", "GET", path)).status, 404, path);
  const put = await api.ask("root", "PUT", "/api/v1/users", {});
  assert.deepEqual([put.status, put.headers.get("allow")], [405, "GET, POST"]);
  for (const name of ["..%2f..", "%00", "a%20b", "%F0%9F%92%A9", "__proto__", "x".repeat(5_000)])
    assert.equal((await api.ask("root", "GET", `/api/v1/users/${name}`)).status, 404, name);
});
