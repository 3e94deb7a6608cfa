import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, load } from "./load.ts";

test("a file that is no YAML is a fault with the line, and nothing else is guessed from it", () => {
  assert.match(faultsOf({ file: "log:\n  level: [debug\n" }).join("\n"), /^berth\.yaml line \d: /);
  const faults = faultsOf({ file: "auth: { mode: none }\nlog: }\n", environment: { BERTH_LISTEN: ":5000" } });
  assert.doesNotMatch(faults.join("\n"), /other machines/);
});

test("the same key twice is a fault", () => {
  assert.match(faultsOf({ file: "workers: 1\nworkers: 2\n" }).join(), /line 2: .*unique/);
});

test("brackets of an IPv6 address without quotes get a hint", () => {
  assert.match(faultsOf({ file: "listen: [::1]:5000" }).join("\n"), /needs quotes: "\[::1\]:5000"/);
});

test("an alias works, a bomb of aliases is a fault", () => {
  const file = "limits:\n  header_timeout: &t 5s\n  drain_timeout: *t\n";
  assert.equal(load({ file }).config.limits.drain_timeout, 5000);
  const levels = ["a", "b", "c", "d", "e"].map((name, index, all) => {
    const of = index === 0 ? '"x"' : `*${all[index - 1]}`;
    return `&${name} [${Array(9).fill(of).join(", ")}]`;
  });
  assert.match(faultsOf({ file: `trusted_proxies: [${levels.join(", ")}]` }).join(), /alias/i);
});

test("an empty file, comments only, and a byte order mark are good", () => {
  for (const file of ["", "\n", "# nothing\n", "---\n", "\ufeffworkers: 1\n"]) load({ file });
});
