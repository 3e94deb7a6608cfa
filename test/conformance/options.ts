import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const usage = `npm run conformance -- --suite PATH [--auth] [--nginx] [--s3 [--redirects]] [--postgres] [--results DIR] [--write-docs] [--suite-version TEXT] [--timeout SECONDS]

Runs a built OCI conformance suite against a fresh Berth, and fails unless every test passes.

  --suite PATH          the built suite (docs/conformance.md says how to build it)
  --auth                with token auth on; the suite signs in as a user who may use its repositories
  --nginx               through a real nginx with TLS, docker/nginx' configuration, that sends the blobs
  --s3                  blobs in a bucket of Ceph's S3 server, and they come through Berth
  --redirects           with --s3: pulls are sent to the bucket
  --postgres            metadata in a PostgreSQL server of its own, two workers or more
  --results DIR         keep the suite's reports there; otherwise they go with the temporary folder
  --write-docs          put the summary into docs/conformance.md
  --suite-version TEXT  what to call the suite there, such as its commit
  --timeout SECONDS     end the suite after so long; 300 by default`;

/** What the suite is run against. */
export interface Setting {
  /** Token auth is on. */
  auth: boolean;
  /** nginx stands in front, and sends the blobs that lie on the disk. */
  nginx: boolean;
  /** Blobs lie in a bucket. */
  s3: boolean;
  /** Clients are sent to the bucket. */
  redirects: boolean;
  /** Metadata is kept in PostgreSQL. */
  postgres: boolean;
}

/** Every setting's flag, in the order in which they name a setting. */
export const settingFlags = ["auth", "nginx", "s3", "redirects", "postgres"] as const;

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
      s3: { type: "boolean", default: false },
      redirects: { type: "boolean", default: false },
      postgres: { type: "boolean", default: false },
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
  const { auth, nginx, s3, redirects, postgres } = values;
  if (redirects && !s3) throw new Error("--redirects needs --s3: only a bucket can be redirected to");
  const seconds = Number(values.timeout);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400) {
    throw new Error(`--timeout ${values.timeout}: write a whole number of seconds, up to 86400`);
  }
  return {
    suite: resolve(values.suite),
    setting: { auth, nginx, s3, redirects, postgres },
    results: values.results === undefined ? undefined : resolve(values.results),
    writeDocs: values["write-docs"],
    suiteVersion: values["suite-version"],
    timeout: seconds * 1000,
  };
}
