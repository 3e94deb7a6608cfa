import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Socket } from "node:net";
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

/** conmons that this process started. */
export interface Conmons extends Disposable {
  /** @param exec it waits for orders on a second pipe */
  spawn(folder: string, args: readonly string[], exec: boolean): Promise<SpawnedConmon>;
}

/** When it is disposed of, those that live on don't keep this process. */
export function createConmons(): Conmons {
  const living = new Set<ChildProcess>();
  return {
    spawn: (folder, args, exec) => spawnConmon(folder, args, exec, living),
    [Symbol.dispose]() {
      for (const child of living) {
        child.unref();
        for (const pipe of child.stdio as (Socket | null)[]) pipe?.unref();
      }
    },
  };
}

/**
 * Starts conmon in `folder`. It is our child (`--sync`), so that its end is seen at once, and in a session of its own:
 * it goes on when we are killed. Throws what the system says when it can't be started.
 */
async function spawnConmon(
  folder: string,
  args: readonly string[],
  exec: boolean,
  living: Set<ChildProcess>,
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
  living.add(child);
  child.once("exit", () => {
    living.delete(child);
    gone.resolve();
  });
  child.once("error", (error) => {
    living.delete(child);
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
    kill: () => {
      try {
        // Its group, for a runtime that hangs would go on without it.
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
    },
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8").slice(-8192).trim();
  } catch {
    return "";
  }
}
