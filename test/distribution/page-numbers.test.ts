import assert from "node:assert/strict";
import test, { after } from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectError, expectStatus, oci, registryClient, type Response } from "../harness/registry-client.ts";
import { everyPage, nextPage, repositoriesOf, tagsOf } from "./pages.ts";

const names = Array.from({ length: 12 }, (_, i) => `name-${String(i).padStart(2, "0")}`);
const max = 5;

/** Twelve tags in one repository, twelve repositories, twelve referrers; pages of at most five. */
async function filled() {
  const berth = await startBerth({ limits: { page_size: max } });
  const client = registryClient(berth.url);
  const subject = oci.index();
  for (const name of names) {
    await client.push("app", subject, name);
    await client.push(name, oci.index(), "latest");
    await client.push("app", oci.index({ subject: subject.descriptor, annotations: { name } }));
  }
  return { berth, client, referrers: `/v2/app/referrers/${subject.digest}` };
}

const repositories = ["app", ...names];

// One server for all that only read.
const { berth: reading, client, referrers } = await filled();
after(() => reading[Symbol.asyncDispose]());

const lists: [string, (referrers: string) => string, (response: Response) => string[], number][] = [
  ["tags", () => "/v2/app/tags/list", tagsOf, names.length],
  ["catalog", () => "/v2/_catalog", repositoriesOf, repositories.length],
];

for (const [list, path, entries, total] of lists) {
  for (const n of ["-1", "abc", "1.5", "1e18", "0x10", "", "%31%00", "NaN", " 5", "+5"]) {
    test(`n = ${JSON.stringify(decodeURIComponent(n))} is 400 in the ${list} list`, async () => {
      expectError(await client.get(`${path(referrers)}?n=${encodeURIComponent(n)}`), 400, "UNSUPPORTED");
    });
  }

  test(`n = 0 is an empty page without Link in the ${list} list`, async () => {
    const response = await client.get(`${path(referrers)}?n=0`);
    expectStatus(response, 200);
    assert.deepEqual(entries(response), []);
    assert.equal(response.headers.get("link"), undefined);
  });

  for (const n of ["6", "1000000000000000000", "99999999999999999999999999999999", undefined]) {
    test(`n ${n === undefined ? "absent" : `= ${n}, above the maximum,`} gives at most the maximum and a Link in the ${list} list`, async () => {
      const first = path(referrers) + (n === undefined ? "" : `?n=${n}`);
      const pages = (await everyPage(client, first)).map(entries);
      assert.deepEqual(
        pages.map((page) => page.length),
        [max, max, total - 2 * max],
      );
      assert.equal(new Set(pages.flat()).size, total);
    });
  }
}

test("last unknown starts where it would stand", async () => {
  assert.deepEqual(tagsOf(await client.get("/v2/app/tags/list?last=name-03x&n=2")), ["name-04", "name-05"]);
  assert.deepEqual(tagsOf(await client.get("/v2/app/tags/list?last=zzz")), []);
  assert.deepEqual(tagsOf(await client.get("/v2/app/tags/list?last=&n=1")), ["name-00"]);
  assert.deepEqual(repositoriesOf(await client.get("/v2/_catalog?last=b&n=1")), ["name-00"]);
});

for (const [what, last] of [
  ["unicode", "caf%C3%A9"],
  ["an emoji", "%F0%9F%98%80"],
  ["%00", "name-03%00"],
  ["a quote", "name-03'%22;--"],
  ["a percent sign", "name-03%25"],
  ["10,000 characters", "name-03" + "x".repeat(10_000)],
] as const) {
  test(`last with ${what} is a place in the order or a clear 400, never a fault`, async () => {
    for (const path of ["/v2/app/tags/list", "/v2/_catalog"]) {
      const response = await client.get(`${path}?n=2&last=${last}`);
      expectStatus(response, 200, 400, 414, 431);
      if (response.status === 400) expectError(response, 400, "UNSUPPORTED");
      else if (response.status === 200) {
        const found = path.endsWith("list") ? tagsOf(response) : repositoriesOf(response);
        const after = decodeURIComponent(last);
        const all = path.endsWith("list") ? names : repositories;
        const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
        assert.deepEqual(found, all.filter((name) => bytewise(name, after) > 0).slice(0, 2));
      }
    }
  });
}

test("last that isn't valid percent-encoding or UTF-8 is never a fault", async () => {
  for (const last of ["%", "%zz", "%ff%fe", "%C3"]) {
    const response = await client.get(`/v2/app/tags/list?n=2&last=${last}`);
    expectStatus(response, 200, 400);
    if (response.status === 400) expectError(response, 400);
  }
});

test("insert and delete between pages neither repeats nor skips what stayed", async () => {
  const { berth, client } = await filled();
  await using _ = berth;
  const index = oci.index();
  const seen: string[] = [];
  let next: string | undefined = "/v2/app/tags/list?n=3";
  for (let page = 0; next !== undefined; page++) {
    assert.ok(page < 20);
    const response: Response = await client.get(next);
    expectStatus(response, 200);
    seen.push(...tagsOf(response));
    next = nextPage(client, response);
    // Before and after the place reached: what was listed last, something earlier, something new.
    if (page === 0) {
      expectStatus(await client.remove("/v2/app/manifests/name-02"), 202);
      await client.push("app", index, "name-00-new");
      await client.push("app", index, "name-03-new");
    }
    if (page === 1) {
      expectStatus(await client.remove("/v2/app/manifests/name-00"), 202);
      expectStatus(await client.remove("/v2/app/manifests/name-08"), 202);
    }
  }
  assert.equal(new Set(seen).size, seen.length, "nothing twice");
  const stayed = names.filter((name) => !["name-00", "name-02", "name-08"].includes(name));
  assert.deepEqual(
    seen.filter((name) => stayed.includes(name)),
    stayed,
  );
  assert.ok(!seen.includes("name-08"), "deleted before its page");
});

test("the catalog shows only what the caller may read: no trace of uploads, blobs or other lists", async () => {
  const { berth, client } = await filled();
  await using _ = berth;
  await client.startUpload("hidden/upload");
  await client.pushBlob(Buffer.from("x"), { repo: "hidden/blob" });
  const pages = await everyPage(client, "/v2/_catalog");
  assert.deepEqual(pages.flatMap(repositoriesOf), repositories);
  for (const page of pages) {
    assert.deepEqual(Object.keys(JSON.parse(page.body.toString()) as object), ["repositories"]);
  }
});
