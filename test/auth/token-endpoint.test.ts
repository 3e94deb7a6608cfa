import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { contentsOf } from "./forge.ts";
import { openHouse, service } from "./token-house.ts";

const rules = [
  { name: undefined, repositories: ["public/**"], who: ["anonymous"], allow: ["pull" as const] },
];

interface Answer {
  token: string;
  access_token: string;
  expires_in: number;
  issued_at: string;
  scope: string;
  refresh_token?: string;
  error?: string;
  error_description?: string;
  errors: { code: string; message: string }[];
}

describe("the token endpoint", () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  before(async () => {
    house = await openHouse({ rules });
    await house.addUser("alice", "correct horse: ä battery");
  });
  after(() => house[Symbol.asyncDispose]());

  const read = async (answer: Response) => (await answer.json()) as Answer;
  const basic = `alice:${String.fromCharCode(...new TextEncoder().encode("correct horse: ä battery"))}`;
  const password = {
    grant_type: "password",
    username: "alice",
    password: "correct horse: ä battery",
    service,
  };

  test("GET with a name and password: several scope parameters, all members, not to be stored", async () => {
    const answer = await house.get(
      `?account=alice&client_id=docker&service=${service}` +
        `&scope=repository:alice/a:pull,push&scope=repository:public/x:pull+repository:bob/y:pull`,
      basic,
    );
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
    const body = await read(answer);
    assert.equal(body.token, body.access_token);
    assert.equal(body.expires_in, 300);
    assert.match(body.issued_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.equal(Date.parse(body.issued_at) / 1000, contentsOf(body.token).claims["iat"]);
    assert.equal(body.scope, "repository:alice/a:pull,push repository:public/x:pull");
    assert.ok(!("refresh_token" in body));
    assert.equal((await house.tokens.verify(body.token)).name, "alice");
  });

  test("GET without credentials gives an anonymous token", async () => {
    const body = await read(await house.get(`?service=${service}&scope=repository:public/x:pull,push`));
    assert.equal(body.scope, "repository:public/x:pull");
    assert.equal(contentsOf(body.token).claims["sub"], "");
  });

  test("GET with offline_token=true brings a refresh token, POST takes it", async () => {
    const { refresh_token = "" } = await read(await house.get("?offline_token=true&client_id=docker", basic));
    assert.match(refresh_token, /^brt_/);
    const scope = "repository:alice/a:pull repository:alice/b:push";
    const answer = await house.post({
      grant_type: "refresh_token",
      refresh_token,
      service,
      client_id: "docker",
      scope,
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal((await read(answer)).scope, scope);
  });

  test("POST with a password, online and offline", async () => {
    const online = await read(
      await house.post({ ...password, client_id: "containerd", scope: "repository:alice/a:pull" }),
    );
    assert.equal(online.scope, "repository:alice/a:pull");
    assert.equal(online.refresh_token, undefined);
    const offline = await read(
      await house.post({ ...password, access_type: "offline", client_id: "docker" }),
    );
    assert.match(offline.refresh_token ?? "", /^brt_/);
  });

  test("wrong credentials: 401 with one Basic challenge and the same words whether or not the name exists", async () => {
    const bodies: unknown[] = [];
    for (const wrong of ["alice:wrong", "nobody:wrong"]) {
      const answer = await house.get("", wrong);
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get("www-authenticate"), `Basic realm="${service}"`);
      assert.equal(answer.headers.get("cache-control"), "no-store");
      bodies.push(await answer.json());
    }
    assert.deepEqual(bodies[0], bodies[1]);
    assert.equal((bodies[0] as Answer).errors[0]?.code, "UNAUTHORIZED");
    assert.ok(!("error" in (bodies[0] as Answer)));
    const posted = await house.post({ ...password, password: "wrong" });
    assert.equal(posted.status, 401);
    const { error, error_description: words, errors } = await read(posted);
    assert.equal(error, "invalid_grant");
    assert.equal(words, errors[0]?.message);
  });

  test("too many wrong passwords: 429 with Retry-After", async () => {
    await house.addUser("victim", "right");
    let answer = await house.get("", "victim:wrong 0");
    for (let at = 1; at < 50 && answer.status === 401; at++)
      answer = await house.get("", `victim:wrong ${at}`);
    assert.equal(answer.status, 429);
    assert.match(answer.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
    assert.equal((await read(answer)).errors[0]?.code, "TOOMANYREQUESTS");
  });

  test("another service: 400", async () => {
    for (const answer of [
      await house.get("?service=other", basic),
      await house.post({ ...password, service: "other" }),
    ]) {
      assert.equal(answer.status, 400);
      assert.match((await read(answer)).errors[0]?.message ?? "", /registry\.test/);
    }
  });

  test("an Authorization header that is no Basic credential: 401", async () => {
    const { token } = await house.issue({ kind: "none" });
    for (const authorization of [`Bearer ${token}`, "Basic", "Basic !!!", "Basic YWxpY2U=", "Digest x"]) {
      const answer = await fetch(`${house.url}/token`, { headers: { authorization } });
      assert.equal(answer.status, 401, authorization);
      await answer.body?.cancel();
    }
  });

  test("1,000 scopes: 400", async () => {
    const scope = Array.from({ length: 1_000 }, (_, at) => `repository:r${at}:pull`).join("+");
    const answer = await house.get(`?scope=${scope}`);
    assert.equal(answer.status, 400);
    assert.match((await read(answer)).errors[0]?.message ?? "", /1000 scopes/);
  });

  test("forms that are none: 400, with OAuth's code", async () => {
    const bad: [Record<string, string>, string][] = [
      [{}, "invalid_request"],
      [{ grant_type: "client_credentials" }, "unsupported_grant_type"],
      [{ grant_type: "password", username: "alice" }, "invalid_request"],
      [{ grant_type: "refresh_token" }, "invalid_request"],
      [{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange" }, "invalid_request"],
    ];
    for (const [form, code] of bad) {
      const answer = await house.post(form);
      assert.equal(answer.status, 400);
      assert.equal((await read(answer)).error, code);
    }
    const send = (body: string, type: string) =>
      fetch(`${house.url}/token`, { method: "POST", body, headers: { "content-type": type } });
    const twice = "grant_type=password&username=alice&username=bob&password=x";
    for (const [body, type] of [
      [JSON.stringify(password), "application/json"],
      [twice, "application/x-www-form-urlencoded"],
    ] as const) {
      const answer = await send(body, type);
      assert.equal(answer.status, 400);
      assert.equal((await read(answer)).error, "invalid_request");
    }
  });

  test("a body over 64 KiB: 413", async () => {
    const answer = await house.post({ ...password, scope: "x".repeat(65 * 1024) });
    assert.equal(answer.status, 413);
    await answer.body?.cancel();
  });

  test("a client that goes away within its form harms nobody", async () => {
    const { hostname, port } = new URL(house.url);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
            "Content-Length: 100\r\n\r\ngrant_type=",
          () => socket.destroy(),
        );
      });
      socket.once("close", () => resolve()).once("error", reject);
    });
    assert.equal((await house.get("", basic)).status, 200);
  });

  test("other methods: 405 with Allow; other paths: 404", async () => {
    for (const method of ["PUT", "DELETE", "HEAD"]) {
      const answer = await fetch(`${house.url}/token`, { method });
      assert.equal(answer.status, 405);
      assert.equal(answer.headers.get("allow"), "GET, POST");
      await answer.body?.cancel();
    }
    for (const path of ["/token/", "/token/x", "/tokens"]) {
      const answer = await fetch(`${house.url}${path}`);
      assert.equal(answer.status, 404);
      await answer.body?.cancel();
    }
  });

  test("the key set", async () => {
    const answer = await fetch(`${house.url}/token/jwks.json`);
    assert.equal(answer.headers.get("content-type"), "application/jwk-set+json");
    assert.deepEqual(await answer.json(), await house.keys.jwks());
  });

  test("what was noted tells who and from where, and no secret", () => {
    const signIns = house.noted.filter(({ action }) => action === "sign-in");
    assert.ok(signIns.some(({ actor, address }) => actor === "alice" && address === "127.0.0.1"));
    const failures = house.noted.filter(({ action }) => action === "sign-in-failed");
    assert.ok(failures.some(({ actor, actorId }) => actor === "(unknown name)" && actorId === undefined));
    assert.ok(!/correct horse|wrong 0|brt_|eyJ/.test(JSON.stringify(house.noted)));
  });
});
