import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { reports } from "./results.ts";

export interface SuiteRun {
  /** The built suite. */
  suite: string;
  /** `host:port` of the registry. */
  registry: string;
  /** Path of the CA's certificate; undefined: plain HTTP. */
  ca: string | undefined;
  /** Blobs' answers come from elsewhere, without the registry's headers. */
  redirects: boolean;
  /** Undefined: it doesn't sign in. */
  login: { name: string; password: string } | undefined;
  /** Gets the reports, and what the suite printed as output.txt. */
  results: string;
  /** Milliseconds until it is ended. */
  timeout: number;
}

/** Runs the suite to its end. Whether the registry passed is in the reports, not in how this resolves. */
export async function runSuite(run: SuiteRun): Promise<void> {
  const { suite, registry, ca, redirects, login, results, timeout } = run;
  await mkdir(results, { recursive: true });
  // An old report must never pass for a new one.
  for (const report of Object.values(reports)) await rm(join(results, report), { force: true });
  const output = openSync(join(results, "output.txt"), "w");
  const child = spawn(suite, [], {
    cwd: results,
    stdio: ["ignore", output, output],
    env: {
      // Nothing else of the environment: a stray OCI_… variable would change what is tested.
      PATH: "/usr/bin:/bin",
      HOME: results,
      OCI_VERSION: "dev",
      OCI_DATA_SPARSE: "true",
      OCI_TLS: ca === undefined ? "disabled" : "enabled",
      // Go takes these roots instead of the system's.
      ...(ca === undefined ? {} : { SSL_CERT_FILE: ca }),
      ...(login === undefined ? {} : { OCI_USERNAME: login.name, OCI_PASSWORD: login.password }),
      ...(redirects ? { OCI_API_BLOBS_DIGEST_HEADER: "false" } : {}),
      OCI_REGISTRY: registry,
      OCI_RESULTS_DIR: results,
    },
  });
  closeSync(output);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, timeout);
  try {
    await once(child, "exit");
  } catch (cause) {
    throw new Error(`the suite ${suite} can't be run: ${cause instanceof Error ? cause.message : "?"}`, {
      cause,
    });
  } finally {
    clearTimeout(limit);
  }
  if (late)
    throw new Error(`the suite was not done after ${timeout / 1000} s; --results DIR keeps what it printed`);
}
