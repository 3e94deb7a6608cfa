import { formatFault, type Fault } from "#config/fault.ts";
import type { Io } from "./io.ts";
import { paint } from "./terminal/paint.ts";

/** All faults of the configuration, on stderr. */
export function printFaults(faults: readonly Fault[], io: Io): void {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  io.stderr.write(paint("red", `berth: ${count} in the configuration`, io.stderr, io) + "\n");
  // Only the first line is indented: the lines to add must be fit to be pasted into the file as they stand.
  for (const fault of faults) io.stderr.write(`  ${formatFault(fault)}\n`);
}
