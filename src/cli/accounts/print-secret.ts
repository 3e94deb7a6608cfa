import type { Io } from "../io.ts";

/** A secret that can't be shown again: alone on stdout, so that it can be piped; what it is, on stderr. */
export function printSecret(what: string, secret: string, io: Io): void {
  io.stderr.write(`${what}. Its secret, which can't be shown again:\n`);
  io.stdout.write(`${secret}\n`);
}
