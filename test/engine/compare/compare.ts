/** The session against dockerd and against Berth: node test/engine/compare/compare.ts [--only CHAPTER] prints what differs. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testEngine } from "../harness/engine.ts";
import { openOwnHost } from "../harness/own-host.ts";
import type { Chapter } from "./chapter.ts";
import { startDockerd } from "./dockerd.ts";
import { runSession, type Told } from "./run-session.ts";
import { session } from "./session.ts";

type Answer = Pick<Told, "code" | "stdout" | "stderr">;

export interface Difference {
  chapter: string;
  line: string;
  dockerd: Answer;
  berth: Answer;
}

/** Runs both, at the same time: each waits for sleeps most of it. @param only a chapter's name; undefined: all. */
export async function compareSessions(only?: string): Promise<{ lines: number; differences: Difference[] }> {
  const chapters = session.filter(({ name }) => only === undefined || name === only);
  const [theirs, ours] = await Promise.all([askDockerd(chapters), askBerth(chapters)]);
  const differences: Difference[] = [];
  for (const [i, their] of theirs.entries()) {
    const our = ours[i];
    if (our === undefined) continue;
    if (!sameAnswer(their, our))
      differences.push({ chapter: their.chapter, line: their.line, dockerd: part(their), berth: part(our) });
  }
  return { lines: theirs.length, differences };
}

/** What a dockerd of its own says to the chapters. */
export async function askDockerd(chapters: readonly Chapter[]): Promise<Told[]> {
  await using host = await openOwnHost();
  await using dockerd = await startDockerd(host, await mkdtemp(join(tmpdir(), "bc-dockerd-")));
  return await runSession(host, dockerd.socket, chapters);
}

async function askBerth(chapters: readonly Chapter[]): Promise<Told[]> {
  await using engine = await testEngine({}, "");
  return await runSession(engine.host, engine.socket, chapters);
}

export function sameAnswer(one: Answer, other: Answer): boolean {
  return one.code === other.code && one.stdout === other.stdout && one.stderr === other.stderr;
}

const part = ({ code, stdout, stderr }: Told) => ({ code, stdout, stderr });

if (import.meta.main) {
  const at = process.argv.indexOf("--only");
  const { lines, differences } = await compareSessions(at < 0 ? undefined : process.argv[at + 1]);
  for (const { chapter, line, dockerd, berth } of differences) {
    process.stdout.write(`\n[${chapter}] ${line}\n`);
    for (const [who, told] of [
      ["dockerd", dockerd],
      ["berth", berth],
    ] as const)
      process.stdout.write(`  ${who}: exit ${told.code}\n${indent(told.stdout)}${indent(told.stderr, "! ")}`);
  }
  process.stdout.write(`\n${lines} lines, ${differences.length} differ\n`);
}

function indent(text: string, mark = "| "): string {
  return text === ""
    ? ""
    : text
        .split("\n")
        .map((line) => `    ${mark}${line}\n`)
        .join("");
}
