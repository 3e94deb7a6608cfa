import { chmodSync, chownSync, statSync } from "node:fs";

/**
 * Gives this machine's /dev/null back to root. crun hands what a process gets as its streams to the process' user, and
 * without a stdin that is /dev/null: its owner could forbid it to everybody. Before a container is started.
 */
export function restoreNull(): void {
  const { uid, gid, mode } = statSync("/dev/null");
  if (uid === 0 && gid === 0 && (mode & 0o777) === 0o666) return;
  try {
    chownSync("/dev/null", 0, 0);
    chmodSync("/dev/null", 0o666);
  } catch {
    // In a user namespace it is somebody else's, for the runtime too.
  }
}
