/** The thread of snapshot.ts: its statements take as long as the disk does, and nothing can be done meanwhile. */
import { dirname } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { AppError } from "#core/errors.ts";
import { openConnection } from "../connection.ts";
import { storageError } from "../errors.ts";
import { failure, type Outcome } from "../outcome.ts";
import { dropWhatPasses, quickCheck } from "./snapshot-content.ts";
import type { SnapshotTask } from "./snapshot-messages.ts";

function take({ path, draft }: SnapshotTask): Outcome {
  try {
    const source = openConnection(path, "read");
    try {
      // One read transaction, so one state of everything; who writes meanwhile waits for nothing.
      source.prepare("VACUUM INTO ?").run(draft);
    } finally {
      source.close();
    }
    // A draft that was given up meanwhile isn't made again.
    const copy = new Database(draft, { fileMustExist: true });
    try {
      // It is thrown away as a whole when this fails, and synced as a whole when it doesn't.
      copy.pragma("journal_mode = OFF");
      copy.pragma("synchronous = OFF");
      // What is taken out is overwritten.
      copy.pragma("secure_delete = ON");
      dropWhatPasses(copy);
      quickCheck(copy, `The snapshot of ${path}`);
    } finally {
      copy.close();
    }
    return { ok: true, value: undefined };
  } catch (error) {
    return failure(inWords(error, path, draft));
  }
}

function inWords(error: unknown, path: string, draft: string): AppError {
  if (error instanceof Database.SqliteError && error.code === "SQLITE_FULL") {
    const message = `The snapshot has no room in ${dirname(draft)}: its disk is full. Free some space there.`;
    return new AppError("storage-full", message, { cause: error });
  }
  return storageError(`The snapshot of ${path} couldn't be made`, error);
}

parentPort?.postMessage(take(workerData as SnapshotTask));
