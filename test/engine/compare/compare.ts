/** The session against dockerd and against Berth: node test/engine/compare/compare.ts [--only CHAPTER...] prints what differs. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testEngine } from "../harness/engine.ts";
import { openOwnHost, type OwnHost } from "../harness/own-host.ts";
import { startDockerd } from "./dockerd.ts";
import { runSession, type Told } from "./run-session.ts";
import { session } from "./session.ts";

export interface Difference {
  chapter: string;
  line: string;
  dockerd: Pick<Told, "code" | "stdout" | "stderr">;
  berth: Pick<Told, "code" | "stdout" | "stderr">;
}

/** Runs both, at the same time: each waits for sleeps most of it. @param only chapters' names; undefined: all. */
export async function compareSessions(
  only?: readonly string[],
): Promise<{ lines: number; differences: Difference[] }> {
  const chapters = session.filter(({ name }) => only?.includes(name) ?? true);
  const [theirs, ours] = await Promise.all([
    withDockerd((host, socket) => runSession(host, socket, chapters)),
    withBerth((host, socket) => runSession(host, socket, chapters)),
  ]);
  const differences: Difference[] = [];
  for (const [i, their] of theirs.entries()) {
    const our = ours[i];
    if (our === undefined) continue;
    if (their.code !== our.code || their.stdout !== our.stdout || their.stderr !== our.stderr)
      differences.push({ chapter: their.chapter, line: their.line, dockerd: part(their), berth: part(our) });
  }
  return { lines: theirs.length, differences };
}

async function withDockerd<T>(
  work: (host: Awaited<ReturnType<typeof openOwnHost>>, socket: string) => Promise<T>,
) {
  await using host = await openOwnHost();
  await using dockerd = await startDockerd(host, await mkdtemp(join(tmpdir(), "bc-dockerd-")));
  return await work(host, dockerd.socket);
}

async function withBerth<T>(work: (host: OwnHost, socket: string) => Promise<T>): Promise<T> {
  await using engine = await testEngine({}, "");
  return await work(engine.host, engine.socket);
}

const part = ({ code, stdout, stderr }: Told) => ({ code, stdout, stderr });

if (import.meta.main) {
  const at = process.argv.indexOf("--only");
  const { lines, differences } = await compareSessions(at < 0 ? undefined : process.argv.slice(at + 1));
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
