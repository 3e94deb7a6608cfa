import assert from "node:assert/strict";
import { test } from "node:test";
import { createBoundedMap } from "#kit/bounded-map.ts";

test("the least recently set go, by number", () => {
  const map = createBoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  assert.deepEqual([map.get("a"), map.get("b"), map.get("c")], [3, undefined, 4]);
  assert.equal(map.take("a"), 3);
  map.set("d", 5);
  assert.deepEqual([map.get("c"), map.get("d")], [4, 5]);
});

test("the least recently set go, by weight, and what is too heavy is never kept", () => {
  const map = createBoundedMap<string, string>(10, (text) => text.length);
  map.set("a", "aaaa");
  map.set("b", "bbbb");
  map.set("a", "a");
  map.set("c", "ccccc");
  assert.deepEqual([map.get("a"), map.get("b"), map.get("c")], ["a", "bbbb", "ccccc"]);
  map.set("d", "d");
  assert.deepEqual([map.get("a"), map.get("b"), map.get("c"), map.get("d")], ["a", undefined, "ccccc", "d"]);
  map.set("e", "e".repeat(11));
  assert.deepEqual([map.get("e"), map.get("d")], [undefined, "d"]);
  map.set("f", "f");
  assert.equal(map.get("f"), "f");
});
