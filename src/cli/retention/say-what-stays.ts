import type { Config } from "#config/config.ts";
import type { Io } from "../io.ts";

/** Where garbage collection keeps what has no tag any more, removing tags frees nothing: most people want to know. */
export function sayWhatStays({ gc }: Config, io: Io): void {
  if (gc.untagged.some(({ after }) => after !== undefined)) return;
  io.stderr.write(
    "berth: gc.untagged keeps manifests without tags, so their room isn't freed: write such as gc: {untagged: 30d}\n",
  );
}
