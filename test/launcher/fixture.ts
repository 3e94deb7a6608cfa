import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** A Node on PATH that is too old for Berth, outside any node_modules; undefined where there is none. */
export const oldNode = (process.env["PATH"] ?? "")
  .split(delimiter)
  .filter((folder) => folder !== "" && !folder.includes("node_modules"))
  .map((folder) => join(folder, "node"))
  .find((node) => {
    const { stdout } = spawnSync(node, ["-p", "process.versions.node"], { encoding: "utf8" });
    return typeof stdout === "string" && /^\d+\./.test(stdout) && Number.parseInt(stdout) < 24;
  });

export const withoutOldNode = oldNode === undefined ? "no Node older than 24 on PATH" : false;

/** Says who runs it; then ends with a code, or waits until a signal asks it to end with 7. */
const MAIN = `
process.on("SIGTERM", () => process.exit(7));
console.log(JSON.stringify({
  pid: process.pid, ppid: process.ppid, node: process.versions.node, file: import.meta.url,
  options: process.execArgv, args: process.argv.slice(2),
}));
const [what] = process.argv.slice(2);
if (what === "exit") process.exitCode = 3;
if (what === "wait") setInterval(() => {}, 1000);
`;

/** What the main file of a made-up package says of its process. */
export interface Said {
  pid: number;
  ppid: number;
  node: string;
  file: string;
  options: string[];
  args: string[];
}

export interface MadeUpPackage extends Disposable {
  folder: string;
  launcher: string;
}

/** A package with Berth's launcher, a main file in the folders named, and this Node in its node_modules if wanted. */
export function madeUpPackage(parts: { src?: boolean; dist?: boolean; node?: boolean }): MadeUpPackage {
  const folder = mkdtempSync(join(tmpdir(), "berth-launcher-"));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write("package.json", '{ "type": "module" }');
  mkdirSync(join(folder, "src"));
  const launcher = join(folder, "src/berth.js");
  copyFileSync(join(checkout, "src/berth.js"), launcher);
  if (parts.src === true) write("src/main.ts", MAIN);
  if (parts.dist === true) write("dist/main.js", MAIN);
  if (parts.node === true) {
    write("node_modules/node/package.json", JSON.stringify({ version: process.versions.node }));
    mkdirSync(join(folder, "node_modules/node/bin"));
    symlinkSync(process.execPath, join(folder, "node_modules/node/bin/node"));
  }
  return { folder, launcher, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** Environment without what this test run brought along. */
export const cleanEnv = { PATH: process.env["PATH"], HOME: process.env["HOME"] };

/** Runs a launcher to its end. */
export function launch(node: string, launcher: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, signal, stdout, stderr } = spawnSync(node, [launcher, ...args], {
    encoding: "utf8",
    env: { ...cleanEnv, ...env },
    timeout: 60_000,
  });
  return { status, signal, stderr, said: () => JSON.parse(stdout) as Said, stdout };
}

/** Starts a launcher whose main file waits; returns when that file has said who it is. */
export async function launchWaiting(
  node: string,
  launcher: string,
): Promise<{ child: ChildProcess; said: Said }> {
  const child = spawn(node, [launcher, "wait"], { stdio: ["ignore", "pipe", "inherit"], env: cleanEnv });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: JSON.parse(line.toString()) as Said };
}
