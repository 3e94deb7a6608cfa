import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { berth } from "../cli/captured.ts";
import { digestOf, expectStatus, freshBytes, registryClient } from "../harness/registry-client.ts";
import { s3Storage } from "./s3-section.ts";
import type { Rgw } from "./rgw.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;

export type Place = "disk" | "s3";

/** The configuration of servers that put new blobs into the first place. */
export function storing(rgw: Rgw, bucket: string, stores: Place[], redirect: object = { enabled: false }) {
  return { storage: { ...s3Storage(rgw, bucket, { ...redirect }), stores } };
}

/** Writes it where a command can read it. */
export function configFile(file: string, config: Record<string, unknown>): string {
  writeFileSync(file, stringify(config));
  return file;
}

/** A process of `berth storage migrate`. */
export function migrateProcess(args: string[]) {
  const child = spawn(process.execPath, ["--conditions=berth-src", main, "storage", "migrate", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  return { ended, kill: (signal: NodeJS.Signals) => child.kill(signal), output: () => output };
}

/** Pulls each blob as clients do, following redirects, and compares the bytes. Throws at the first that isn't right. */
export async function pullAll(url: string, repo: string, digests: readonly string[]): Promise<void> {
  for (const digest of digests) {
    const answer = await fetch(`${url}/v2/${repo}/blobs/${digest}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.status !== 200) throw new Error(`${digest}: ${answer.status} ${bytes.toString()}`);
    const found = digestOf(bytes, digest.startsWith("sha512") ? "sha512" : "sha256");
    if (found !== digest) throw new Error(`${digest} has the bytes of ${found}`);
    expectStatus(await registryClient(url).head(`/v2/${repo}/blobs/${digest}`), 200);
  }
}

/** Pulls all that `digests` holds, over and over, until stopped; how often is told. */
export function pulling(url: string, repo: string, digests: readonly string[]) {
  let over = false;
  let rounds = 0;
  const running = (async () => {
    while (!over) {
      await pullAll(url, repo, [...digests]);
      rounds++;
    }
  })();
  running.catch(() => undefined);
  return {
    async stop(): Promise<number> {
      over = true;
      await running;
      return rounds;
    },
  };
}

export const repo = "team/app";
export const MiB = 1024 * 1024;
const sizes = [0, 1, 5_000, 200_000, MiB + 1, 6 * MiB, 17 * MiB];

export interface Result {
  blobs: number;
  bytes: number;
  skipped: number;
  damaged: { digest: string; fault: string }[];
  left: number;
  unfinished: number;
  notRemoved: number;
  stopped: boolean;
}

export const hex = (bytes: Uint8Array) => digestOf(bytes).slice("sha256:".length);

/** Runs the command in this process, with --json. */
export async function migrate(from: string, to: string, ...more: string[]) {
  const { code, stdout, stderr } = await berth([
    "storage",
    "migrate",
    "--from",
    from,
    "--to",
    to,
    "--json",
    ...more,
  ]);
  return { code, stderr, ...(stdout === "" ? undefined : (JSON.parse(stdout) as Result)) };
}

/** Pushes blobs of all kinds of sizes. */
export async function pushSome(url: string, count = sizes.length): Promise<string[]> {
  const client = registryClient(url);
  const digests: string[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = freshBytes(sizes[i % sizes.length] ?? 0);
    digests.push(await client.pushBlob(bytes, { repo, algorithm: i % 3 === 2 ? "sha512" : "sha256" }));
  }
  return digests;
}
