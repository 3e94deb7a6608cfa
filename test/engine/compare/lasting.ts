import { askDockerd, compareSessions, sameAnswer, type Difference } from "./compare.ts";
import { session } from "./session.ts";

export interface Compared {
  lines: number;
  /** dockerd never answered as Berth did. */
  lasting: Difference[];
  /** dockerd answered as Berth did when it was asked again. */
  passing: Difference[];
}

/** How often dockerd is asked again. */
const again = 2;

/**
 * What dockerd never says as Berth says it. dockerd has races of its own (a restart against `--rm`), so where lines
 * differ their chapters are put to it again. Berth isn't asked twice: it has to be right the first time.
 * @param known lines that may differ; dockerd isn't asked again for them.
 */
export async function lastingDifferences(known: (line: string) => boolean): Promise<Compared> {
  const { lines, differences } = await compareSessions();
  let lasting = differences.filter(({ line }) => !known(line));
  const passing: Difference[] = [];
  for (let time = 0; time < again && lasting.length > 0; time++) {
    const told = await askDockerd(
      session.filter(({ name }) => lasting.some(({ chapter }) => chapter === name)),
    );
    const agrees = ({ chapter, line, berth }: Difference) =>
      told.some((one) => one.chapter === chapter && one.line === line && sameAnswer(one, berth));
    passing.push(...lasting.filter(agrees));
    lasting = lasting.filter((difference) => !agrees(difference));
  }
  return { lines, lasting, passing };
}
