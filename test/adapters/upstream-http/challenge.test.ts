import assert from "node:assert/strict";
import { test } from "node:test";
import { readChallenge } from "#adapters/upstream-http/challenge.ts";
import { nextLink } from "#adapters/upstream-http/links.ts";

const bearer = (more: object = {}) => ({
  ...{ way: "bearer", realm: "https://a/t", service: undefined, scope: undefined, error: undefined },
  ...more,
});

test("challenges are read as servers write them", () => {
  const read: [string | string[] | undefined, unknown][] = [
    [
      'Bearer realm="https://a/t",service="s",scope="repository:a/b:pull"',
      bearer({ service: "s", scope: "repository:a/b:pull" }),
    ],
    ['bearer   REALM = "https://a/t" , Service=s', bearer({ service: "s" })],
    ["Bearer realm=https://a/t", bearer()],
    ['Basic realm="x, Bearer realm=y", Bearer realm="https://a/t"', bearer()],
    [
      ['Basic realm="x"', 'Bearer realm="https://a/t",error="invalid_token"'],
      bearer({ error: "invalid_token" }),
    ],
    ['Negotiate abc==, Bearer realm="https://a/t"', bearer()],
    [String.raw`Bearer realm="https://a/t",service="a \"b\" \\c"`, bearer({ service: 'a "b" \\c' })],
    ['Bearer realm="https://a/t",realm="https://evil/t"', bearer()],
    ['Basic realm="x"', { way: "basic" }],
    ["Basic", { way: "basic" }],
    ["Bearer", undefined],
    ['Bearer realm=""', undefined],
    ['Bearer service="s"', undefined],
    ["Digest realm=x", undefined],
    ["", undefined],
    [undefined, undefined],
  ];
  for (const [header, challenge] of read) assert.deepEqual(readChallenge(header), challenge, String(header));
});

test("a header made to be slow isn't", () => {
  const began = performance.now();
  for (const header of [
    'Bearer realm="'.repeat(9_999),
    "a ".repeat(99_999),
    " ".repeat(99_999),
    'x="\\'.repeat(9_999),
  ])
    readChallenge(header);
  nextLink("<".repeat(99_999));
  nextLink(`<a>${";rel=".repeat(9_999)}`);
  assert.ok(performance.now() - began < 2_000);
});

test("the next page is found among links", () => {
  assert.equal(
    nextLink('</a>; rel="prev", </v2/x/tags/list?n=2&last=b,c>; rel="next"'),
    "/v2/x/tags/list?n=2&last=b,c",
  );
  assert.equal(nextLink(["</a>; rel=next"]), "/a");
  assert.equal(nextLink('</a>; title="x"; rel="last next"'), "/a");
  assert.equal(nextLink('</a>; rel="nextish"'), undefined);
  assert.equal(nextLink(undefined), undefined);
});
