import type { AuditRecord } from "#core/metadata/audit-log.ts";
import type { Io } from "../io.ts";
import { paint } from "../terminal/paint.ts";

const HEADER = ["TIME", "WHO", "FROM", "WHAT", "TIMES", "WHERE", "RULE"];

/** Makes tables of entries, one below the other: the first has a header, and no column gets narrower. */
export function auditTable(io: Pick<Io, "stdout" | "env">): (records: readonly AuditRecord[]) => string {
  const widths = HEADER.map((name) => name.length);
  let headed = false;
  return (records) => {
    const rows = records.map((record) => ({ cells: cellsOf(record), refused: isRefusal(record) }));
    for (const { cells } of rows) {
      cells.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
    }
    const line = (cells: readonly string[]) =>
      cells.map((cell, i) => cell.padEnd(i === cells.length - 1 ? 0 : (widths[i] ?? 0))).join("  ");
    const lines = rows.map(({ cells, refused }) =>
      refused ? paint("red", line(cells), io.stdout, io) : line(cells),
    );
    if (!headed) lines.unshift(paint("bold", line(HEADER), io.stdout, io));
    headed = true;
    return lines.map((text) => `${text}\n`).join("");
  };
}

function isRefusal({ action }: AuditRecord): boolean {
  return action === "denied" || action === "sign-in-failed";
}

function cellsOf(record: AuditRecord): string[] {
  const { at, actor, kind, address, action, count, rule } = record;
  const who =
    kind === "user" || actor === kind || record.action === "sign-in-failed" ? actor : `${actor} (${kind})`;
  return [
    `${new Date(at).toISOString().slice(0, 19)}Z`,
    who,
    address || "-",
    action,
    String(count),
    whereOf(record) || "-",
    rule,
  ].map(printable);
}

/** `acme/app:v2@sha256:0123456789ab was sha256:ba9876543210` */
function whereOf({ action, repository = "", tag, digest, subject }: AuditRecord): string {
  const name = `${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${short(digest)}`}`;
  if (subject === undefined) return name;
  const how = { "move-tag": "was ", "mount-blob": "from " }[action as string] ?? "";
  return `${name} ${how}${short(subject)}`.trim();
}

function short(text: string): string {
  return text.replace(/^(sha\d+:[0-9a-f]{12})[0-9a-f]+$/, "$1");
}

/** What would move the cursor, colour the terminal or turn the reading direction is shown as its number. */
function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
