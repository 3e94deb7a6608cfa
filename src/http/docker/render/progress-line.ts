import type { ProgressLine } from "#core/engine/progress.ts";

const barWidth = 50;
const units = ["B", "kB", "MB", "GB", "TB", "PB"];

/** One JSON message, in docker's order, with the bar that clients show which draw none themselves. */
export function progressLine(line: ProgressLine): string {
  const { stream, status, progressDetail, id, errorDetail, error, aux } = line;
  const bar = progressDetail === undefined ? "" : barText(progressDetail);
  const message = {
    stream,
    status,
    progressDetail,
    progress: bar === "" ? undefined : bar,
    id,
    errorDetail,
    // Clients look at errorDetail alone, people at both.
    error: error ?? errorDetail?.message,
    aux,
  };
  return `${JSON.stringify(message)}\r\n`;
}

export function failureLine(message: string): string {
  return progressLine({ errorDetail: { message } });
}

function barText({ current = 0, total = 0 }: { current?: number; total?: number }): string {
  if (current <= 0 && total <= 0) return "";
  const size = sizeText(current).padStart(8);
  if (total <= 0) return size;
  const done = Math.min(barWidth, Math.trunc(Math.trunc((current / total) * 100) / 2));
  const bar = `[${"=".repeat(done)}>${" ".repeat(barWidth - done)}] `;
  return current > total ? bar + size : `${bar}${size}/${sizeText(total)}`;
}

/** Four digits: `4.295MB`. */
function sizeText(bytes: number): string {
  let unit = 0;
  let size = bytes;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(4))}${units[unit]}`;
}
