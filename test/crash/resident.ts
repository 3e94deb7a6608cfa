import { readdir, readFile } from "node:fs/promises";

/**
 * The most memory (bytes) that a process and its children ever held at once, each for itself, added up.
 * From Linux's /proc; 0 elsewhere.
 */
export async function residentPeak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  let sum = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const children = await readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => "");
    for (const child of children.split(" "))
      if (child.trim() !== "") sum += await residentPeak(Number(child));
  }
  return sum;
}
