import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { plainEnvironment } from "#kit/run-program.ts";
import { readSyncLines, type SyncLines } from "./sync-lines.ts";

export interface SpawnedConmon {
  pid: number;
  /** What it tells: the pid, and of an exec session the exit code. */
  news: SyncLines;
  /** For exec sessions: lets it go one step further. */
  goOn(): void;
  /** Resolves when its attach socket is there, or never will be. */
  attachable: Promise<unknown>;
  /** It ended, or was killed. */
  gone: Promise<void>;
  /** What it wrote to its stderr. */
  complaint(): string;
  kill(): void;
}

const complaints = "monitor.err";

/**
 * Starts conmon in `folder`. It is our child (`--sync`), so that its end is seen at once, and in a session of its own:
 * it goes on when we are killed. Throws what the system says when it can't be started.
 * @param exec it waits for orders on a second pipe
 */
export async function spawnConmon(
  folder: string,
  args: readonly string[],
  exec: boolean,
): Promise<SpawnedConmon> {
  const errors = openSync(join(folder, complaints), "w", 0o600);
  let child: ChildProcess;
  try {
    child = spawn(
      "conmon",
      ["--api-version", "1", "--sync", "--full-attach", "--log-level", "warn", ...args],
      {
        cwd: folder,
        detached: true,
        env: {
          ...plainEnvironment,
          TMPDIR: "/tmp",
          _OCI_SYNCPIPE: "3",
          ...(exec ? { _OCI_STARTPIPE: "4", _OCI_ATTACHPIPE: "5" } : {}),
        },
        stdio: [
          "ignore",
          "ignore",
          errors,
          ...(exec ? (["pipe", "pipe", "pipe"] as const) : (["pipe"] as const)),
        ],
      },
    );
  } finally {
    closeSync(errors);
  }
  const gone = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  child.once("exit", () => gone.resolve());
  child.once("error", (error) => {
    failed.reject(error);
    gone.resolve();
  });
  const [, , , news, start, attached] = child.stdio as (Readable | Writable | undefined)[];
  const lines = readSyncLines(news as Readable);
  start?.on("error", () => undefined);
  const attachable = attached === undefined ? Promise.resolve() : readSyncLines(attached as Readable).next();
  if (child.pid === undefined) await failed.promise;
  return {
    pid: child.pid ?? 0,
    news: lines,
    goOn: () => (start as Writable).write("\0"),
    attachable,
    gone: gone.promise,
    complaint: () => readIfThere(join(folder, complaints)),
    kill: () => child.kill("SIGKILL"),
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8").slice(-8192).trim();
  } catch {
    return "";
  }
}
