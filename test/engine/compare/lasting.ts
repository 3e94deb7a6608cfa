import { compareSessions, type Difference } from "./compare.ts";

export interface Compared {
  lines: number;
  /** In each run. */
  lasting: Difference[];
  /** In some run and not in a later one. */
  passing: Difference[];
}

/** Runs in all, of those chapters in which lines differ. */
const runs = 3;

/**
 * What differs each time. dockerd and its client have races of their own (a restart against `--rm`, an upload that is
 * given up), so what they say once need not be what they say: only the chapters of a difference are run again.
 * @param known lines that may differ; no chapter is run again for them.
 */
export async function lastingDifferences(known: (line: string) => boolean): Promise<Compared> {
  const { lines, differences } = await compareSessions();
  let lasting = differences.filter(({ line }) => !known(line));
  const passing: Difference[] = [];
  for (let run = 1; run < runs && lasting.length > 0; run++) {
    const chapters = new Set(lasting.map(({ chapter }) => chapter));
    const again = (await compareSessions([...chapters])).differences;
    const differsAgain = ({ chapter, line }: Difference) =>
      again.some((other) => other.chapter === chapter && other.line === line);
    passing.push(...lasting.filter((difference) => !differsAgain(difference)));
    lasting = lasting.filter(differsAgain);
  }
  return { lines, lasting, passing };
}
