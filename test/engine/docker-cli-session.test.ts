import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { knownDifferences } from "./compare/known-differences.ts";
import { lastingDifferences } from "./compare/lasting.ts";
import { engineTest } from "./harness/needs.ts";

/** What the session has at least, so that it never shrinks unnoticed. */
const fewestLines = 200;

engineTest(
  "a day with the docker CLI: Berth prints and exits as dockerd does, but for what docs/clients.md lists",
  async (t) => {
    const { lines, lasting, passing } = await lastingDifferences((line) =>
      knownDifferences.some((known) => line.includes(known.line)),
    );
    assert.ok(lines >= fewestLines, `only ${lines} lines were compared`);
    for (const { line, dockerd, berth } of passing)
      t.diagnostic(`dockerd answers in two ways: ${line}: ${JSON.stringify({ dockerd, berth })}`);
    assert.deepEqual(lasting, []);
    const documented = (await readFile(new URL("../../docs/clients.md", import.meta.url), "utf8")).replaceAll(
      /\s+/g,
      " ",
    );
    for (const { reason } of knownDifferences)
      assert.ok(documented.includes(reason), `docs/clients.md doesn't say: ${reason}`);
  },
  15 * 60_000,
);
