import { spec } from "node:test/reporters";
import { clients } from "./clients/table.ts";
import { whyNot } from "./clients/needs.ts";
import { findTests } from "./find-tests.ts";
import { runTests, type Outcome } from "./run-tests.ts";

/**
 * `npm test [-- PATTERN…]`: runs the tests that are chosen, those with other people's clients and browsers one
 * after the other at the end, and says which clients were left out. With CI set, nothing may be left out.
 */
const strict = (process.env.CI ?? "") !== "" && process.env.CI !== "false";
const files = findTests(process.argv.slice(2));
const withClients = files.filter((file) => /^test\/(clients|web)\//.test(file));
const others = files.filter((file) => !withClients.includes(file));

const reporter = new spec();
reporter.pipe(process.stdout);
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort());
const outcomes: Outcome[] = [];
// Two at a time suits small machines; a client brings daemons and large images along.
for (const [group, concurrency] of [[others, 2] as const, [withClients, 1] as const]) {
  if (group.length === 0 || interrupted.signal.aborted) continue;
  outcomes.push(await runTests(group, concurrency, reporter, interrupted.signal));
}
const total = (count: (outcome: Outcome) => number) => outcomes.reduce((sum, each) => sum + count(each), 0);
for (const name of ["tests", "suites", "pass", "fail", "cancelled", "skipped", "todo", "duration_ms"]) {
  const message = `${name} ${String(total(({ counts }) => counts.get(name) ?? 0))}`;
  reporter.write({ type: "test:diagnostic", data: { nesting: 0, message, level: "info" } });
}
await new Promise<void>((resolve) => {
  reporter.once("end", resolve);
  reporter.end();
});

const skipped = outcomes.flatMap((outcome) => outcome.skipped);
const leftOut = [...clients.keys()]
  .filter((name) => withClients.includes(`test/clients/${name}.test.ts`))
  .map(whyNot)
  .filter((reason) => reason !== undefined);
const faults: string[] = [];
if (files.length === 0) faults.push("no test file matches");
if (interrupted.signal.aborted) faults.push("interrupted before the end");
if (total(({ failed }) => failed) > 0) faults.push("tests failed, see above");
if (strict && skipped.length > 0) {
  faults.push(`with CI set, no test may be skipped, and ${String(skipped.length)} were`);
}
if (strict && leftOut.length > 0) {
  faults.push(
    `with CI set, no client may be missing, and ${String(leftOut.length)} are; .ci/install brings them`,
  );
}

if (skipped.length > 0) print("Skipped tests:", skipped);
if (leftOut.length > 0)
  print("Clients left out, and how to get them (.ci/install brings all of them):", leftOut);
if (faults.length > 0) print("Failed:", faults);
process.exitCode = faults.length > 0 ? 1 : 0;

function print(heading: string, lines: readonly string[]) {
  process.stdout.write(`\n${heading}\n${lines.map((line) => `  ${line}\n`).join("")}`);
}
