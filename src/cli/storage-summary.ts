import type { Migrated, Migration } from "#app/migrate-storage.ts";

type Asked = Pick<Migration, "from" | "to" | "dryRun" | "removeAfter">;

/** What `berth storage migrate --json` prints; of a dry run, what there is to move. */
export function migrationJson({ from, to, dryRun }: Asked, migrated: Migrated): Record<string, unknown> {
  const { survey, damaged, notRemoved, stopped } = migrated;
  const { blobs, bytes } = dryRun ? survey : migrated;
  const skipped = dryRun ? survey.elsewhere : migrated.skipped;
  return { from, to, dryRun, blobs, bytes, skipped, damaged, notRemoved, stopped };
}

/** The same in words, each sentence a line. */
export function migrationSummary(
  { from, to, dryRun, removeAfter }: Asked,
  migrated: Migrated,
  sizeText: (bytes: number) => string,
): string {
  const { survey, blobs, bytes, skipped, damaged, notRemoved, stopped, served } = migrated;
  if (dryRun)
    return `${count(survey.blobs)}, ${sizeText(survey.bytes)}, to move from ${from} to ${to}; ${there(survey.elsewhere, to)}\n`;
  const lines = [`${count(blobs)}, ${sizeText(bytes)}, moved from ${from} to ${to}; ${there(skipped, to)}`];
  if (stopped) lines.push("stopped before the end: run it again to go on");
  if (damaged.length > 0)
    lines.push(
      `${count(damaged.length)} could not be moved and stay in ${from}: ${damaged.length === 1 ? "it is" : "they are"} named above`,
    );
  if (notRemoved > 0)
    lines.push(`${notRemoved} old copies were not removed; nothing refers to them any more`);
  if (stopped || damaged.length > 0) return lines.map((line) => `${line}\n`).join("");
  lines.push(
    served === false
      ? `next: let the server use ${to} alone (storage.stores: [${to}])`
      : `next: take ${from} out of storage.stores and restart each server`,
  );
  if (removeAfter === undefined && blobs > 0)
    lines.push(`then nobody needs the old copies in ${from} any more, and they can be deleted`);
  return lines.map((line) => `${line}\n`).join("");
}

function count(blobs: number): string {
  return blobs === 1 ? "1 blob" : `${blobs} blobs`;
}

function there(blobs: number, to: string): string {
  return `${blobs} ${blobs === 1 ? "lies" : "lie"} in ${to} already`;
}
