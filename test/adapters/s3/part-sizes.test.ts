import assert from "node:assert/strict";
import { test } from "node:test";
import { createPartSizes, leastPart, mostPart, mostParts } from "#adapters/s3/part-sizes.ts";

const MiB = 1024 * 1024;
const TiB = MiB * MiB;

for (const first of [5, 8, 64, 1024])
  test(`from ${first} MiB on, 10,000 parts reach 5 TiB, and each is one that S3 takes`, () => {
    const sizes = createPartSizes(first * MiB, false);
    assert.equal(sizes.full(1), first * MiB);
    assert.ok(sizes.reach >= 5 * TiB);
    let before = 0;
    for (let number = 1; number <= mostParts; number++) {
      const size = sizes.full(number);
      assert.ok(size >= before && size >= leastPart && size <= mostPart);
      assert.ok(sizes.least(number) >= leastPart && sizes.least(number) <= size);
      before = size;
    }
  });

test("requests of 5 MiB each reach 5 TiB as well", () => {
  const sizes = createPartSizes(8 * MiB, false);
  let reach = 0;
  for (let number = 1; number <= mostParts; number++) reach += sizes.least(number);
  assert.ok(reach >= 5 * TiB * 0.9);
});

test("common layers have parts of the first size, so memory stays small", () => {
  const sizes = createPartSizes(8 * MiB, false);
  assert.equal(sizes.full(900), 8 * MiB);
  assert.equal(sizes.full(901), 16 * MiB);
});

test("fixed parts are equal", () => {
  const sizes = createPartSizes(64 * MiB, true);
  assert.equal(sizes.full(10_000), 64 * MiB);
  assert.equal(sizes.least(10_000), 64 * MiB);
  assert.equal(sizes.reach, 640_000 * MiB);
});
