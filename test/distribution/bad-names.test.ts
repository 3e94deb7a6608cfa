import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectError,
  expectStatus,
  freshBytes,
  oci,
  registryClient,
  type RegistryClient,
} from "../harness/registry-client.ts";

/**
 * Repository names that are none. Where the path has the form of a route the answer is 400 NAME_INVALID;
 * where it has not, 404 in the same form. Nothing is looked up and nothing is created.
 */
describe("bad repository names", () => {
  let berth: Awaited<ReturnType<typeof startBerth>>;
  let client: RegistryClient;
  before(async () => {
    berth = await startBerth();
    client = registryClient(berth.url);
  });
  after(() => berth[Symbol.asyncDispose]());

  /** The bytes of a request that Node's client would refuse to send or would tidy up. */
  const send = (method: string, target: string) =>
    client.raw(
      `${method} ${target} HTTP/1.1\r\nHost: registry\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );

  /** The name is refused on every route that carries one. */
  async function refusedEverywhere(name: string): Promise<void> {
    const digest = digestOf(freshBytes());
    const routes = [
      ["GET", "manifests/latest"],
      ["PUT", "manifests/latest"],
      ["DELETE", `manifests/${digest}`],
      ["GET", `blobs/${digest}`],
      ["DELETE", `blobs/${digest}`],
      ["POST", "blobs/uploads/"],
      ["POST", `blobs/uploads/?digest=${digest}`],
      ["GET", "tags/list"],
      ["GET", `referrers/${digest}`],
    ] as const;
    for (const [method, rest] of routes) {
      expectError(await send(method, `/v2/${name}/${rest}`), 400, "NAME_INVALID");
    }
    const { status } = await send("HEAD", `/v2/${name}/manifests/latest`);
    assert.equal(status, 400);
  }

  test("`..` as a component", async () => {
    for (const name of ["..", "a/..", "../a", "a/../b", "."]) await refusedEverywhere(name);
  });

  test("`..` out of the API finds no route", async () => {
    for (const path of ["/v2/../../etc/passwd", "/v2/a/../../../etc/passwd", "/../v2/", "/v2/../livez"]) {
      expectError(await send("GET", path), 404);
    }
  });

  test("`%2e%2e` is the same as `..`", async () => {
    for (const name of ["%2e%2e", "a/%2E%2e", "a/%2e%2e/b", "%2e"]) await refusedEverywhere(name);
  });

  test("`%2f` is no way to write a slash: one repository has one address", async () => {
    const image = oci.image();
    await client.push("encoded/slash", image, "latest");
    for (const name of ["encoded%2fslash", "encoded%2Fslash"]) {
      expectError(await send("GET", `/v2/${name}/manifests/latest`), 400, "NAME_INVALID");
    }
    await refusedEverywhere("a%2f..%2fb");
    await refusedEverywhere("%2fa");
  });

  test("`//` in and around a name", async () => {
    for (const name of ["a//b", "a/b/", "/a", "//", ""]) await refusedEverywhere(name);
  });

  test("`//` before the API or after the name finds no route", async () => {
    for (const path of ["//v2/a/manifests/latest", "/v2/a/manifests//latest", "/v2/a//", "/v2//"]) {
      expectError(await send("GET", path), 404);
    }
  });

  test("NUL in a name", async () => {
    for (const name of ["a%00b", "%00", "a%00/../b"]) await refusedEverywhere(name);
  });

  test("a raw NUL or control character in the target is refused before any route", async () => {
    for (const target of ["/v2/a\0b/manifests/latest", "/v2/a\x01/manifests/latest"]) {
      expectStatus(await send("GET", target), 400);
    }
    expectStatus(await client.get("/v2/"), 200);
  });

  test("a component named `_uploads`, `_manifests` or `_catalog`", async () => {
    for (const name of ["_uploads", "_manifests", "a/_uploads", "_manifests/a", "_catalog"]) {
      await refusedEverywhere(name);
    }
  });

  test("256 characters and more", async () => {
    await refusedEverywhere("a".repeat(256));
    await refusedEverywhere("ab/".repeat(85) + "c");
    await refusedEverywhere("a".repeat(5000));
  });

  test("a name of 100,000 characters is refused and the server lives", async () => {
    expectStatus(await send("GET", `/v2/${"a".repeat(100_000)}/manifests/latest`), 400, 414, 431);
    expectStatus(await client.get("/v2/"), 200);
  });

  test("upper case", async () => {
    for (const name of ["Library", "library/Busybox", "a/B", "%41"]) await refusedEverywhere(name);
  });

  test("separators where none may stand", async () => {
    for (const name of ["-a", "a-", "a..b", "a___b", "a._b", ".a", "a_", "a/-b", "a%20b", "a:b", "a@b"]) {
      await refusedEverywhere(name);
    }
  });

  test("unicode and look-alikes", async () => {
    const names = [
      "é",
      "pаypal" /* Cyrillic а */,
      "ａ" /* full width */,
      "a\u202eb",
      "a\u0301",
      "ﬁ",
      "😀",
      "ı",
      "a\u2044b",
    ];
    for (const name of names) await refusedEverywhere(encodeURIComponent(name));
  });

  test("percent-encoding that is no UTF-8, or no encoding at all", async () => {
    for (const name of ["%ff", "a%c0%ae", "%", "%zz", "a%2"]) {
      // Both are right: a bad name on a known route, or a path that can't be read at all.
      const answer = await send("GET", `/v2/${name}/manifests/latest`);
      expectStatus(answer, 400, 404);
      expectError(answer, answer.status);
    }
  });

  test("a refused name is told in the answer's message but never as markup", async () => {
    const answer = await send("GET", "/v2/%3Cscript%3E/manifests/latest");
    expectError(answer, 400, "NAME_INVALID");
    assert.equal(answer.headers.get("content-type"), "application/json");
  });

  test("nothing of all this made a repository", async () => {
    const { repositories } = JSON.parse((await client.get("/v2/_catalog")).body.toString()) as {
      repositories: string[];
    };
    assert.deepEqual(repositories, ["encoded/slash"]);
  });
});
