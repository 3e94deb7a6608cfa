import { readFileSync } from "node:fs";
import type { PeakMemory } from "./measurement.ts";
import { processTree, type ProcessMark } from "./process-tree.ts";

const interval = 100;
/** The tree is looked up anew every so many samples; reading all of /proc each time would cost CPU. */
const lookupEvery = 5;

/**
 * Samples a process tree every 100 ms until `stop`, which takes a last sample and gives the peaks.
 * PSS shares pages between the processes that map them; RSS counts them in each.
 */
export function watchMemory(root: number): { stop(): PeakMemory | undefined } {
  const peak: PeakMemory = { pss: 0, rss: 0, processes: 0 };
  let tree: ProcessMark[] = [];
  let count = 0;
  const sample = () => {
    if (count++ % lookupEvery === 0) tree = processTree(root);
    let pss = 0;
    let rss = 0;
    for (const { pid } of tree) {
      const one = readRollup(pid);
      pss += one.pss;
      rss += one.rss;
    }
    peak.pss = Math.max(peak.pss, pss);
    peak.rss = Math.max(peak.rss, rss);
    peak.processes = Math.max(peak.processes, tree.length);
  };
  sample();
  const timer = setInterval(sample, interval);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return peak.rss === 0 ? undefined : peak;
    },
  };
}

/** What one process takes, bytes. */
export function readRollup(pid: number): { pss: number; rss: number } {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
    return { pss: kibibytes(text, "Pss"), rss: kibibytes(text, "Rss") };
  } catch {
    // It ended between the lookup and now, or belongs to somebody else.
    return { pss: 0, rss: 0 };
  }
}

function kibibytes(text: string, key: string): number {
  const match = new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(text);
  return match === null ? 0 : Number(match[1]) * 1024;
}
