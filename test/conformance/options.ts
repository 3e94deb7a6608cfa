import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const usage = `npm run conformance -- --suite PATH [--results DIR] [--write-docs] [--suite-version TEXT] [--timeout SECONDS]

Runs a built OCI conformance suite against a fresh Berth, and fails unless every test passes.

  --suite PATH          the built suite (docs/conformance.md says how to build it)
  --results DIR         keep the suite's reports there; otherwise they go with the temporary folder
  --write-docs          put the summary into docs/conformance.md
  --suite-version TEXT  what to call the suite there, such as its commit
  --timeout SECONDS     end the suite after so long; 300 by default`;

export interface Options {
  suite: string;
  results: string | undefined;
  writeDocs: boolean;
  suiteVersion: string | undefined;
  /** Milliseconds. */
  timeout: number;
}

/** Reads the arguments; throws an Error with one line for the user. */
export function parseOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      suite: { type: "string" },
      results: { type: "string" },
      "write-docs": { type: "boolean", default: false },
      "suite-version": { type: "string" },
      timeout: { type: "string", default: "300" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  if (values.suite === undefined)
    throw new Error("--suite is missing: the path of a built conformance suite");
  const seconds = Number(values.timeout);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400) {
    throw new Error(`--timeout ${values.timeout}: write a whole number of seconds, up to 86400`);
  }
  return {
    suite: resolve(values.suite),
    results: values.results === undefined ? undefined : resolve(values.results),
    writeDocs: values["write-docs"],
    suiteVersion: values["suite-version"],
    timeout: seconds * 1000,
  };
}
