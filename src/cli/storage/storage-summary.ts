import type { Migrated, Migration } from "#app/verbs/migrate-storage.ts";

type Asked = Pick<Migration, "from" | "to" | "dryRun" | "removeAfter">;

/** What `berth storage migrate --json` prints; of a dry run, what there is to move. */
export function migrationJson({ from, to, dryRun }: Asked, migrated: Migrated): Record<string, unknown> {
  const { survey, damaged, notRemoved, stopped, left, unfinished } = migrated;
  const { blobs, bytes } = dryRun ? survey : migrated;
  const skipped = dryRun ? survey.elsewhere : migrated.skipped;
  return { from, to, dryRun, blobs, bytes, skipped, damaged, left, unfinished, notRemoved, stopped };
}

/** The same in words, each sentence a line. */
export function migrationSummary(
  { from, to, dryRun, removeAfter }: Asked,
  migrated: Migrated,
  sizeText: (bytes: number) => string,
): string {
  const { survey, blobs, bytes, skipped, damaged, notRemoved, stopped, served, left, unfinished } = migrated;
  if (dryRun)
    return `${count(survey.blobs)}, ${sizeText(survey.bytes)}, to move from ${from} to ${to}; ${there(survey.elsewhere, to)}\n`;
  const lines = [`${count(blobs)}, ${sizeText(bytes)}, moved from ${from} to ${to}; ${there(skipped, to)}`];
  if (stopped) lines.push("stopped before the end: run it again to go on");
  if (damaged.length > 0)
    lines.push(
      `${count(damaged.length)} could not be moved and stay in ${from}: ${damaged.length === 1 ? "it is" : "they are"} named above`,
    );
  if (left > 0) lines.push(`${count(left)} came to ${from} meanwhile: run it again`);
  if (unfinished > 0)
    lines.push(
      `${unfinished === 1 ? `1 upload that began in ${from} ends` : `${unfinished} uploads that began in ${from} end`} there: ` +
        `run it again when nobody goes on with ${unfinished === 1 ? "it" : "them"} (uploads.expire_after at the latest), and read ${from} until then`,
    );
  if (notRemoved > 0)
    lines.push(`${notRemoved} old copies were not removed; nothing refers to them any more`);
  if (!isWhole(migrated)) return lines.map((line) => `${line}\n`).join("");
  lines.push(
    served === false
      ? `next: let the server use ${to} alone (storage.stores: [${to}])`
      : `next: take ${from} out of storage.stores and restart each server`,
  );
  if (removeAfter === undefined && blobs > 0)
    lines.push(`then nobody needs the old copies in ${from} any more, and they can be deleted`);
  return lines.map((line) => `${line}\n`).join("");
}

/** Whether nothing is left at the old place, and nothing will come to it. */
export function isWhole({ stopped, damaged, left, unfinished }: Migrated): boolean {
  return !stopped && damaged.length + left + unfinished === 0;
}

function count(blobs: number): string {
  return blobs === 1 ? "1 blob" : `${blobs} blobs`;
}

function there(blobs: number, to: string): string {
  return `${blobs} ${blobs === 1 ? "lies" : "lie"} in ${to} already`;
}
