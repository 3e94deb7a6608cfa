import assert from "node:assert/strict";
import { test } from "node:test";
import { addressIn } from "./berth.ts";
import { parseOptions } from "./options.ts";
import { parseResults } from "./results.ts";
import { summaryOf, withSummary } from "./summary.ts";
import { faultsOf } from "./verdict.ts";

const yaml = "config:\n  version: 1.1+dev\n  commit: unknown\napis:\n  Ping: Pass\ndata:\n  Index: Pass\n";
const plain = { auth: false, nginx: false, s3: false, redirects: false, postgres: false };
const allPassed = junit('tests="2"', '<testcase name="a" status="passed"></testcase>');

function junit(totals: string, cases: string): string {
  return `<testsuites time="2.4" ${totals}>\n<testsuite name="S" ${totals}>${cases}</testsuite></testsuites>`;
}

test("a run in which all passed has no faults", () => {
  const results = parseResults(allPassed, yaml);
  assert.deepEqual(results.counts, { pass: 2, fail: 0, error: 0, skip: 0, disabled: 0 });
  assert.deepEqual(faultsOf(results), []);
});

test("a failed test is counted and listed with its reason", () => {
  const text = junit(
    'tests="3" failures="1"',
    `<testcase name="a/blob &amp; get" status="failure"><system-out>expected &#34;x&#34;&#xA;more</system-out>` +
      `<system-err>&lt;testcase status=&#34;passed&#34;&gt;</system-err></testcase>`,
  );
  assert.deepEqual(faultsOf(parseResults(text, yaml)), ["1 fail", 'failure: a/blob & get — expected "x"']);
});

test("errors, skipped and disabled tests are faults too", () => {
  for (const [attribute, fault] of [
    ["errors", "1 error"],
    ["skipped", "1 skip"],
    ["disabled", "1 disabled"],
  ] as const) {
    assert.deepEqual(faultsOf(parseResults(junit(`tests="2" ${attribute}="1"`, ""), yaml)), [fault]);
  }
});

test("an end-point that did not pass is a fault even when the totals look fine", () => {
  const results = parseResults(allPassed, yaml.replace("Ping: Pass", "Ping: Disabled"));
  assert.deepEqual(faultsOf(results), ["Disabled: Ping as a whole"]);
});

test("reports without tests are refused", () => {
  assert.throws(() => parseResults(junit("", ""), yaml), /holds no tests/);
  assert.throws(() => parseResults("", yaml), /holds no tests/);
});

test("the summary replaces what stood between the markers, again and again", () => {
  const summary = summaryOf(parseResults(allPassed, yaml), {
    version: "1.2.3",
    suite: "abc",
    date: new Date(0),
    setting: plain,
  });
  assert.match(summary, /^Berth 1\.2\.3, 1970-01-01, suite abc, specification 1\.1\+dev:$/m);
  assert.match(summary, /^\| 2 {5}\| 2 {4}\| 0 {4}\| 0 {5}\| 0 {4}\| 0 {8}\|$/m);
  const page =
    "before\n\n<!-- conformance:begin (written by npm run conformance -- --write-docs) -->\nold\n<!-- conformance:end -->\nafter\n";
  const written = withSummary(page, summary, plain);
  assert.ok(written.startsWith("before\n") && written.endsWith("<!-- conformance:end -->\nafter\n"));
  assert.ok(!written.includes("old") && written.includes(summary));
  assert.equal(withSummary(written, summary, plain), written);
  assert.throws(() => withSummary("no markers", summary, plain), /lacks the lines/);
});

test("the ready line gives the address, other lines don't", () => {
  assert.equal(addressIn('{"msg":"ready","addresses":["127.0.0.1:4100"]}'), "127.0.0.1:4100");
  assert.equal(addressIn('{"msg":"ready","addresses":["http://127.0.0.1:4100/"]}'), "127.0.0.1:4100");
  for (const line of ["", "null", "ready", '{"msg":"request"}', '{"msg":"ready","addresses":[]}']) {
    assert.equal(addressIn(line), undefined);
  }
});

test("options name what is missing or wrong", () => {
  assert.equal(parseOptions(["--help"]), "help");
  assert.throws(() => parseOptions([]), /--suite is missing/);
  assert.throws(() => parseOptions(["--suite", "x", "--timeout", "soon"]), /--timeout soon/);
  assert.throws(() => parseOptions(["--sweet", "x"]), /--sweet/);
  assert.throws(() => parseOptions(["--suite", "x", "--redirects"]), /--redirects needs --s3/);
});

test("settings combine, and each combination has a place of its own in the document", () => {
  const options = parseOptions(["--suite", "x", "--postgres", "--s3", "--redirects"]);
  assert.ok(options !== "help");
  const { setting } = options;
  assert.deepEqual(setting, { ...plain, s3: true, redirects: true, postgres: true });
  const begin =
    "<!-- conformance-s3-redirects-postgres:begin (written by npm run conformance -- --write-docs";
  const page = `${begin} --s3 --redirects --postgres) -->\n<!-- conformance-s3-redirects-postgres:end -->\n`;
  assert.match(withSummary(page, "the figures", setting), /the figures/);
  assert.throws(() => withSummary(page, "the figures", plain), /lacks the lines/);
});
