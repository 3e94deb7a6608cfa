import { AppError } from "#core/errors.ts";

/** Linux on x86, ARM, RISC-V and POWER; the two other names of 6 and 29 come last. */
const named = (
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT " +
  "CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
).split(" ");

const realtimeFirst = 34;
const realtimeLast = 64;

const numbers: ReadonlyMap<string, number> = new Map([
  ...named.map((name, at): [string, number] => [name, at + 1]),
  ["IOT", 6],
  ["POLL", 29],
  ["CLD", 17],
  ...Array.from({ length: 16 }, (_, at): [string, number] => [`RTMIN+${at}`, realtimeFirst + at]),
  ...Array.from({ length: 15 }, (_, at): [string, number] => [`RTMAX-${at}`, realtimeLast - at]),
  ["RTMIN", realtimeFirst],
  ["RTMAX", realtimeLast],
]);

/** `SIGTERM`, `term`, `15` → 15. Throws engine-invalid, in docker's words. */
export function parseSignal(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : numbers.get(text.toUpperCase().replace(/^SIG/, ""));
  if (number === undefined || number < 1 || number > realtimeLast)
    throw new AppError("engine-invalid", `Invalid signal: ${text}`);
  return number;
}
