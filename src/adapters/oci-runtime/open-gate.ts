import { closeSync, constants, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * What `crun start` does, without the 7 ms that a program takes: a made container waits for a byte in its `exec.fifo`,
 * and counts as started when that is gone.
 * @returns false: nobody waits there as crun's processes do; the program must do it, or say why it can't
 */
export function openGate(stateFolder: string): boolean {
  const fifo = join(stateFolder, "exec.fifo");
  let fd: number;
  try {
    // Fails at once where nobody reads.
    fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    unlinkSync(fifo);
    return writeSync(fd, "0") === 1;
  } finally {
    closeSync(fd);
  }
}
