import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf } from "./load.ts";

test("faults of the file, of variables, of flags and between keys come together, each with its place", () => {
  const file = `
listen: 0.0.0.0:5000
limits:
  manifest_size: 4 MiBs
  manifest_sise: 4MiB
log:
  level: verbose
policy:
  missing_references:
    - repositories: mirror/**
      alow: any
    - { repositories: "a**", allow: any }
`;
  const faults = faultsOf({
    file,
    environment: { BERTH_WORKERS: "0", BERTH_LIMIT_PAGE_SIZE: "5" },
    flags: [{ flag: "--data", key: "data", values: [""] }],
  });
  const expected = [
    /^limits\.manifest_sise \(berth\.yaml line 5\): is not a key of Berth; did you mean "manifest_size"\?$/,
    /^BERTH_LIMIT_PAGE_SIZE: .* did you mean "BERTH_LIMITS_PAGE_SIZE"\?$/,
    /^data \(--data\): "" is not the name of a folder$/,
    /^limits\.manifest_size \(berth\.yaml line 4\): "4 MiBs" is not a size/,
    /^workers \(BERTH_WORKERS\): "0": write auto or a whole number/,
    /^log\.level \(berth\.yaml line 7\): "verbose": the value is one of trace, /,
    /^policy\.missing_references\[0\]\.allow \(berth\.yaml line 10\): is missing$/,
    /^policy\.missing_references\[0\]\.alow \(.*\): is not a key of Berth; did you mean "allow"\?$/,
    /^policy\.missing_references\[1\]\.repositories \(berth\.yaml line 12\): "a\*\*": \*\* stands alone/,
    /^listen \(berth\.yaml line 2\): 0\.0\.0\.0:5000 can be reached from other machines/,
  ];
  for (const pattern of expected) {
    assert.equal(
      faults.filter((fault) => pattern.test(fault)).length,
      1,
      `${pattern} in\n${faults.join("\n")}`,
    );
  }
  assert.equal(faults.length, expected.length, faults.join("\n"));
});
