/** The thread of quiet-verifier.ts: compares passwords with hashes, with less claim to a core than requests have. */
import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import * as argon2 from "@node-rs/argon2";
import * as bcrypt from "@node-rs/bcrypt";
import type { QuietAnswer, QuietQuestion } from "./quiet-messages.ts";

const nice = 10;

try {
  // Linux knows a priority of each thread. Whoever signs in anew waits, not who is signed in.
  setPriority(Number(readlinkSync("/proc/thread-self").split("/").at(-1)), nice);
} catch {
  // Elsewhere hashing competes with requests as an equal.
}

parentPort?.on("message", ({ id, hash, password }: QuietQuestion) => {
  let same: boolean | undefined;
  try {
    same = hash.startsWith("$argon2") ? argon2.verifySync(hash, password) : bcrypt.verifySync(password, hash);
  } catch {
    // The asker says that the hash is no good.
  }
  parentPort?.postMessage({ id, same } satisfies QuietAnswer);
});
