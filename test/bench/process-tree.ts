import { readdirSync, readFileSync } from "node:fs";

/** A process and the clock tick of its start, which tells it from a later one with the same number. */
export interface ProcessMark {
  pid: number;
  started: string;
}

/** A process and everything below it; empty when it is gone or there is no /proc. */
export function processTree(root: number): ProcessMark[] {
  const below = new Map<number, ProcessMark[]>();
  let top: ProcessMark | undefined;
  for (const entry of processNumbers()) {
    const found = readStat(entry);
    if (found === undefined) continue;
    const mark = { pid: entry, started: found.started };
    if (entry === root) top = mark;
    const siblings = below.get(found.parent);
    if (siblings === undefined) below.set(found.parent, [mark]);
    else siblings.push(mark);
  }
  const tree = top === undefined ? [...(below.get(root) ?? [])] : [top];
  for (let i = 0; i < tree.length && i < 1000; i++) {
    const mark = tree[i];
    if (mark !== undefined && (mark.pid !== root || top !== undefined))
      tree.push(...(below.get(mark.pid) ?? []));
  }
  return tree;
}

/** Whether that very process still runs (a zombie doesn't). */
export function isAlive(mark: ProcessMark): boolean {
  const found = readStat(mark.pid);
  return found !== undefined && found.started === mark.started && found.state !== "Z";
}

export function processNumbers(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function readStat(pid: number): { parent: number; started: string; state: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command's name stands in parentheses and may hold blanks.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", parent: Number(fields[1]), started: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}
