import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const usage = `npm run conformance -- --suite PATH [--auth] [--nginx] [--results DIR] [--write-docs] [--suite-version TEXT] [--timeout SECONDS]

Runs a built OCI conformance suite against a fresh Berth, and fails unless every test passes.

  --suite PATH          the built suite (docs/conformance.md says how to build it)
  --auth                with token auth on; the suite signs in as a user who may use its repositories
  --nginx               through a real nginx with TLS, docker/nginx' configuration, that sends the blobs
  --results DIR         keep the suite's reports there; otherwise they go with the temporary folder
  --write-docs          put the summary into docs/conformance.md
  --suite-version TEXT  what to call the suite there, such as its commit
  --timeout SECONDS     end the suite after so long; 300 by default`;

/** What the suite is run against. */
export interface Setting {
  /** Token auth is on. */
  auth: boolean;
  /** nginx stands in front, and sends the blobs. */
  nginx: boolean;
}

export interface Options {
  suite: string;
  setting: Setting;
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
      auth: { type: "boolean", default: false },
      nginx: { type: "boolean", default: false },
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
    setting: { auth: values.auth, nginx: values.nginx },
    results: values.results === undefined ? undefined : resolve(values.results),
    writeDocs: values["write-docs"],
    suiteVersion: values["suite-version"],
    timeout: seconds * 1000,
  };
}
