import assert from "node:assert/strict";
import { test } from "node:test";
import { CONFIG_FLAGS } from "#cli/config-flags.ts";
import { VERBS } from "#cli/verbs.ts";
import { keys } from "#config/keys.ts";
import { berth } from "./captured.ts";

test("the overview names every verb with its summary", async () => {
  for (const argv of [["--help"], ["-h"], ["help"], ["help", "--help"]]) {
    const { code, stdout } = await berth(argv);
    assert.equal(code, 0);
    for (const [verb, { summary }] of VERBS) {
      if (verb !== "help") assert.match(stdout, new RegExp(`^  ${verb} +${summary}$`, "m"));
    }
  }
});

test("help VERB and VERB --help are one text, with every flag, examples and exit codes", async () => {
  for (const verb of VERBS.keys()) {
    const { code, stdout } = await berth(["help", verb]);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^berth ${verb} - `));
    if (verb === "help") continue;
    assert.equal((await berth([verb, "--help"])).stdout, stdout);
    assert.equal((await berth([verb, "-h"])).stdout, stdout);
    assert.match(stdout, /^Exit codes: /m);
  }
  for (const verb of ["serve", "check-config"]) {
    const { stdout } = await berth(["help", verb]);
    assert.match(stdout, /^Examples:$/m);
    for (const flag of Object.keys(CONFIG_FLAGS)) assert.ok(stdout.includes(`  --${flag} `), flag);
  }
});

test("help environment names every variable", async () => {
  const { stdout } = await berth(["help", "environment"]);
  for (const { variable, name } of keys)
    assert.match(stdout, new RegExp(`^  ${variable} +${name}( |$)`, "m"));
});

test("no line is wider than a terminal of 120", async () => {
  for (const topic of ["", ...VERBS.keys(), "environment"]) {
    const { stdout } = await berth(topic === "" ? ["help"] : ["help", topic]);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
  }
});
