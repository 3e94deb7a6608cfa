import assert from "node:assert/strict";
import { test } from "node:test";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { berth } from "./captured.ts";

test("what storage can't understand ends with 2 and a reason", async () => {
  const wrong: [string[], RegExp][] = [
    [[], /say what to do: storage migrate/],
    [["migrat"], /unknown "storage migrat"; did you mean "migrate"\?/],
    [["migrate"], /--from missing: disk or s3/],
    [["migrate", "--from", "disk"], /--to missing: disk or s3/],
    [["migrate", "--from", "disk", "--to", "gcs"], /--to is disk or s3/],
    [["migrate", "--from", "s3", "--to", "s3"], /--from and --to are both s3/],
    [["migrate", "--from", "s3", "--to", "disk", "--parallel", "0"], /write a whole number from 1 to 64/],
    [["migrate", "--from", "s3", "--to", "disk", "--grace", "1m"], /--grace needs --delete-source/],
    [["migrate", "--from", "s3", "--to", "disk", "--delete-source", "--grace", "9"], /is not a duration/],
  ];
  for (const [argv, message] of wrong) {
    const { code, stdout, stderr } = await berth(["storage", ...argv]);
    assert.deepEqual([code, stdout], [2, ""], argv.join(" "));
    assert.match(stderr, message);
  }
});

test("without a bucket there is nowhere to move to, or from", async () => {
  using folder = tempFolder();
  const argv = ["storage", "migrate", "--from", "disk", "--to", "s3", "--data", folder.path];
  const { code, stderr } = await berth(argv);
  assert.equal(code, 1);
  assert.match(stderr, /^berth: the configuration has no section storage\.s3/);
});
