import { run } from "node:test";
import { relative } from "node:path";
import type { Writable } from "node:stream";

/** How a group of test files went. */
export interface Outcome {
  /** Node's own summary: `tests`, `pass`, `fail`, … `duration_ms`. */
  counts: ReadonlyMap<string, number>;
  /** Tests that count as failed, cancelled ones included. */
  failed: number;
  /** One line for each test that was skipped: file, name, reason. */
  skipped: readonly string[];
}

/** A file that takes longer hangs. */
const timeout = 15 * 60_000;
const countLine = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

/**
 * Runs each file in a process of its own; events go to the reporter, except for the summary's.
 * An aborted signal ends the processes with SIGTERM, upon which they clean up.
 */
export async function runTests(
  files: readonly string[],
  concurrency: number,
  reporter: Writable,
  signal: AbortSignal,
): Promise<Outcome> {
  const counts = new Map<string, number>();
  const skipped: string[] = [];
  const execArgv = ["--conditions=berth-src"];
  const events = run({ files: [...files], concurrency, timeout, execArgv, signal });
  for await (const event of events) {
    if (event.type === "test:diagnostic" && event.data.nesting === 0) {
      const [, name, count] = countLine.exec(event.data.message) ?? [];
      if (name !== undefined && event.data.file === undefined) {
        counts.set(name, Number(count));
        continue;
      }
    }
    // The reporter lists the failed tests when the last group has ended.
    if (event.type === "test:summary") continue;
    if (event.type === "test:pass" && event.data.skip !== undefined) {
      const reason = typeof event.data.skip === "string" ? `: ${event.data.skip}` : "";
      const file = event.data.file === undefined ? "" : `${relative(".", event.data.file)}: `;
      skipped.push(`${file}${event.data.name}${reason}`);
    }
    if (!reporter.write(event)) await new Promise((resolve) => reporter.once("drain", resolve));
  }
  return { counts, failed: (counts.get("fail") ?? 0) + (counts.get("cancelled") ?? 0), skipped };
}
