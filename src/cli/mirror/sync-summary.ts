import type { MirrorReport } from "#pull-through/mirror.ts";
import type { Io } from "../io.ts";
import { plainText } from "../terminal/plain-text.ts";
import { sizeText } from "../terminal/size-text.ts";

/** Whether the round came to its end and everything came. */
export function isWell({ fault, changed }: MirrorReport): boolean {
  return fault === undefined && !changed;
}

/** A line for each mirror. */
export function printReports(reports: readonly MirrorReport[], io: Io): void {
  if (reports.length === 0) io.stderr.write("no mirrors yet: berth mirror add NAME\n");
  for (const report of reports) io.stdout.write(`${summary(report)}\n`);
}

/** What failed, in one line that steers no terminal. */
export function faultText(fault: unknown): string {
  return plainText(fault instanceof Error ? fault.message : String(fault));
}

function summary({ name, images, manifests, blobs, bytes, fault, changed }: MirrorReport): string {
  const came =
    manifests.fetched + blobs.fetched === 0
      ? "nothing new"
      : `${counted(manifests.fetched, "manifest")} and ${counted(blobs.fetched, "blob")} fetched (${sizeText(bytes)})`;
  const had = manifests.had + blobs.had;
  const done = `${name}: ${counted(images, "image")}, ${came}${had > 0 ? `, ${had} there already` : ""}`;
  if (changed) return `${done}; the mirror was changed or removed meanwhile, so it ended early`;
  return fault === undefined ? done : `${done}; ${plainText(fault)}`;
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
