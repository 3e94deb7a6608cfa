import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import type { Filters } from "#core/engine/filters.ts";
import { serveDoor } from "./harness/door.ts";
import { sampleContainer, sampleId, sampleRecord } from "./harness/sample-container.ts";

test("ping: HEAD and GET, with and without a version", async () => {
  await using door = await serveDoor({});
  for (const path of ["/_ping", "/v1.24/_ping", "/v1.47/_ping"])
    for (const method of ["HEAD", "GET"]) {
      const { status, headers, text } = await door.request(method, path);
      assert.equal(status, 200);
      assert.equal(text, method === "GET" ? "OK" : "");
      assert.deepEqual(
        [
          headers["api-version"],
          headers.ostype,
          headers["docker-experimental"],
          headers["builder-version"],
          headers.swarm,
        ],
        ["1.47", "linux", "false", "1", "inactive"],
      );
    }
});

test("an upgrade to anything but a raw stream is answered as if it wasn't asked for", async () => {
  await using door = await serveDoor({});
  for (const upgrade of ["h2c", "websocket"]) {
    const headers = { Connection: "Upgrade", Upgrade: upgrade };
    assert.equal((await door.request("GET", "/_ping", undefined, headers)).text, "OK");
    const session = await door.request("POST", "/session", undefined, headers);
    assert.equal(session.status, 501);
    assert.match((session.json as { message: string }).message, /buildah/);
  }
  // Where there is no stream to take, this is answered, too.
  const headers = { Connection: "Upgrade", Upgrade: "tcp" };
  assert.equal((await door.request("GET", "/_ping", undefined, headers)).text, "OK");
});

test("versions that aren't spoken, paths that aren't there: in docker's words", async () => {
  await using door = await serveDoor({});
  for (const [path, status, message] of [
    ["/v1.48/info", 400, "client version 1.48 is too new. Maximum supported API version is 1.47"],
    ["/v2.0/info", 400, "client version 2.0 is too new. Maximum supported API version is 1.47"],
    [
      "/v1.23/info",
      400,
      "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version",
    ],
    ["/nothing", 404, "page not found"],
    ["/vx/info", 404, "page not found"],
    ["/v1.47", 404, "page not found"],
    ["/v1.47/containers/%zz/json", 400, "broken escapes in the path: /containers/%zz/json"],
    ["/plugins/x/y/json", 404, 'plugin "x/y" not found'],
    ["/containers/json?filters={", 400, "invalid filter: it is not JSON"],
    ["/containers/json?limit=x", 400, 'invalid value for limit: "x" is no whole number'],
    ["/containers/web/logs", 400, "Bad parameters: you must choose at least one stream"],
    ["/events?since=yesterday", 400, 'invalid value for since: "yesterday" is no unix time'],
  ] as const) {
    const answer = await door.request("GET", path);
    assert.deepEqual([answer.status, answer.json], [status, { message }], path);
    assert.equal(answer.headers["api-version"], "1.47");
  }
  assert.equal((await door.request("PUT", "/info")).status, 404);
});

test("each code of an error has its status; faults keep their words", async () => {
  let error: Error = new Error("secret");
  await using door = await serveDoor({ containers: { start: () => Promise.reject(error) } });
  const start = () => door.request("POST", "/v1.47/containers/web/start");
  for (const [code, status] of [
    ["engine-missing", 404],
    ["engine-conflict", 409],
    ["engine-invalid", 400],
    ["engine-forbidden", 403],
    ["engine-unsupported", 501],
    ["engine-failed", 500],
    ["start-failed", 400],
    ["port-taken", 500],
    ["storage-full", 500],
  ] as const) {
    error = new AppError(code, `because of ${code}`);
    const { status: got, json } = await start();
    assert.deepEqual([got, json], [status, { message: `because of ${code}` }]);
  }
  error = new AppError("engine-unchanged", "it runs");
  const unchanged = await start();
  assert.deepEqual([unchanged.status, unchanged.text], [304, ""]);
  error = new Error("secret");
  const fault = await start();
  assert.equal(fault.status, 500);
  assert.doesNotMatch(fault.text, /secret/);
  assert.ok(door.lines.some((line) => JSON.stringify(line).includes("secret")));
});

test("bodies: only JSON, only objects, of its type", async () => {
  const seen: object[] = [];
  await using door = await serveDoor({
    networks: { create: async (body) => (seen.push(body), { id: "n", warning: "" }) },
  });
  const post = (body: string | undefined, type?: string) =>
    door.request("POST", "/networks/create", body, type === undefined ? {} : { "Content-Type": type });
  for (const [body, type, message] of [
    [
      '{"Name":"a"}',
      "text/plain",
      "unsupported Content-Type header (text/plain): must be 'application/json'",
    ],
    ["{", undefined, /^invalid JSON: /],
    ["[]", undefined, "invalid JSON: an object is expected"],
    [undefined, undefined, "invalid JSON: got EOF while reading request body"],
    [`"${"a".repeat(5 << 20)}"`, undefined, /has more than/],
  ] as const) {
    const { status, json } = await post(body, type);
    assert.equal(status, 400);
    const told = (json as { message: string }).message;
    if (typeof message === "string") assert.equal(told, message);
    else assert.match(told, message);
  }
  assert.equal((await post('{"Name":"a"}', "application/json; charset=utf-8")).status, 201);
  assert.deepEqual(seen, [{ Name: "a" }]);
});

test("both forms of filters and booleans; limit means all", async () => {
  const asked: { all: boolean; limit: number; size: boolean; filters: Filters }[] = [];
  await using door = await serveDoor({ containers: { list: async (query) => (asked.push(query), []) } });
  const get = (query: string) => door.request("GET", `/containers/json?${query}`);
  await get(`all=True&size=0&limit=-1&filters=${encodeURIComponent('{"label":{"a=b":true,"c":true}}')}`);
  await get(
    'all=None&size=1&limit=2&trunc_cmd=0&filters={"label":["a=b"],"exited":[0],"dangling":[false]}'.replaceAll(
      /[{}"[\]]/g,
      encodeURIComponent,
    ),
  );
  await get("filters=");
  assert.deepEqual(asked, [
    { all: true, limit: -1, size: false, filters: new Map([["label", ["a=b", "c"]]]) },
    {
      all: true,
      limit: 2,
      size: true,
      filters: new Map([
        ["label", ["a=b"]],
        ["exited", ["0"]],
        ["dangling", ["false"]],
      ]),
    },
    { all: false, limit: 0, size: false, filters: new Map() },
  ]);
});

test("names with slashes are taken whole, and a container's leading slash is not part of it", async () => {
  const asked: string[] = [];
  await using door = await serveDoor({
    images: {
      history: async (name) => (asked.push(name), []),
      remove: async (name) => (asked.push(name), []),
      tag: async (name) => void asked.push(name),
    },
    containers: { start: async (ref) => void asked.push(ref) },
  });
  await door.request("GET", "/v1.47/images/localhost:5001/a/history/history");
  await door.request("DELETE", "/images/docker.io/library/busybox:1");
  await door.request("POST", "/images/a%2Fb/tag?repo=x");
  await door.request("POST", "/containers//web/start");
  assert.deepEqual(asked, ["localhost:5001/a/history", "docker.io/library/busybox:1", "a/b", "web"]);
});

test("what is told depends on the version that asks", async () => {
  const record = sampleRecord({
    endpoints: {
      own: {
        networkId: "n",
        requested: { aliases: ["db"], links: [], driverOptions: {}, mac: "02:42:00:00:00:01" },
      },
    },
  });
  await using door = await serveDoor({
    containers: {
      inspect: async () => sampleContainer(record),
      stop: async (_ref, t, signal) => void stops.push([t, signal]),
    },
  });
  const stops: unknown[] = [];
  type Inspected = {
    Config: { MacAddress?: string };
    NetworkSettings: { Networks: { own: { Aliases: string[]; DNSNames?: string[] } } };
  };
  const at = async (version: string) =>
    (await door.request("GET", `/v${version}/containers/web/json`)).json as Inspected;
  const old = await at("1.41");
  const short = sampleId.slice(0, 12);
  assert.equal(old.Config.MacAddress, "02:42:00:00:00:01");
  assert.deepEqual(old.NetworkSettings.Networks.own.Aliases, ["db", short]);
  assert.equal(old.NetworkSettings.Networks.own.DNSNames, undefined);
  const now = await at("1.47");
  assert.equal(now.Config.MacAddress, undefined);
  assert.deepEqual(now.NetworkSettings.Networks.own.Aliases, ["db"]);
  assert.deepEqual(now.NetworkSettings.Networks.own.DNSNames, ["web", "db", short]);
  await door.request("POST", "/v1.41/containers/web/stop?t=-1&signal=INT");
  await door.request("POST", "/v1.42/containers/web/stop?signal=INT");
  assert.deepEqual(stops, [
    [-1, undefined],
    [undefined, "INT"],
  ]);
});
