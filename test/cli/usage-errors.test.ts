import assert from "node:assert/strict";
import { test } from "node:test";
import { berth } from "./captured.ts";

test("what can't be understood ends with 2, a reason, and where to read on", async () => {
  const wrong: [string[], RegExp][] = [
    [[], /say what to do: there are serve, check-config, .*version, help/],
    [["srve"], /unknown verb "srve"; did you mean "serve"\?/],
    [["frobnicate"], /unknown verb "frobnicate"; there are serve/],
    [["--frob"], /unknown flag "--frob"/],
    [["constructor"], /unknown verb "constructor"/],
    [["serve", "--lisen", "x"], /unknown flag --lisen; did you mean "--listen"\?\nTry "berth help serve"/],
    [["serve", "--constructor"], /unknown flag --constructor/],
    [["serve", "-x"], /unknown flag -x/],
    [["serve", "now"], /unexpected argument "now"/],
    [["serve", "--", "--help"], /unexpected argument "--help"/],
    [["serve", "--listen"], /--listen needs a value/],
    [["serve", "--listen", "--data", "x"], /--listen needs a value/],
    [["serve", "--data", "a", "--data", "b"], /--data was given twice/],
    [["check-config", "--json=yes"], /--json takes no value/],
    [["version", "--config", "x"], /unknown flag --config/],
    [["help", "srve"], /no help about "srve"; did you mean "serve"\?/],
  ];
  for (const [argv, message] of wrong) {
    const { code, stdout, stderr } = await berth(argv);
    assert.equal(code, 2, argv.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, /^berth: .*\nTry "berth help.*"\.\n$/);
    assert.match(stderr, message);
  }
});

test("--listen may be repeated and a value may stand behind an equals sign", async () => {
  const { code, stdout } = await berth(["check-config", "--listen=[::1]:1", "--listen", "localhost:2"]);
  assert.equal(code, 0);
  assert.match(stdout, /^listen: \[ "\[::1\]:1", localhost:2 \] # --listen$/m);
});
