import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { startRegistry, type Registry } from "./registry.ts";
import type { Workplace } from "./workplace.ts";

/** A registry with auth on, whose people and rules every test of a client knows. */
export interface GuardedRegistry extends Registry {
  /** `berth ARGS` on the registry's data folder, as the operator types it; what it printed. */
  berth(args: readonly string[], input?: string): Promise<string>;
}

/**
 * Who may what: everybody pulls from `public/**`; of `team/**` and `charts`, reader pulls, pusher pulls and makes
 * new tags, owner (who also fills `public/**`) may do everything. stranger has an account and no rights.
 */
const people = ["owner", "pusher", "reader", "stranger"] as const;
export type Person = (typeof people)[number];

const rules = [
  { repositories: "public/**", who: "anonymous", allow: "pull" },
  { repositories: ["team/**", "charts/**"], who: "user:reader", allow: "pull" },
  { repositories: ["team/**", "charts/**"], who: ["user:pusher", "group:ci"], allow: ["pull", "push"] },
  { repositories: ["team/**", "charts/**", "public/**"], who: "user:owner", allow: "*" },
];

export function passwordOf(name: string): string {
  // What breaks shells, headers and forms that don't quote.
  return `pässword+of %41 "${name}"&x=y:z`;
}

/** @param auth more of the `auth` section. @param config more of the file. */
export async function startGuardedRegistry(
  work: Workplace,
  auth: Record<string, unknown> = {},
  config: Record<string, unknown> = {},
): Promise<GuardedRegistry> {
  const data = work.folder("registry");
  // Before the first start the verbs open the folder themselves; later they ask the process that has it.
  await berth(work, data, ["user", "add", "admin", "--admin", "--password-file", "-"], passwordOf("admin"));
  const registry = await startRegistry(data, {
    config: { auth: { service: "registry.test", ...auth }, policy: { rules }, ...config },
    as: `admin:${latin1(passwordOf("admin"))}`,
  });
  try {
    for (const name of people)
      await berth(work, data, ["user", "add", name, "--password-file", "-"], passwordOf(name));
  } catch (error) {
    await registry[Symbol.asyncDispose]();
    throw error;
  }
  return { ...registry, berth: (args, input) => berth(work, data, args, input) };
}

/** The bytes of UTF-8, one character each: what `btoa` takes. */
function latin1(value: string): string {
  return Buffer.from(value).toString("latin1");
}

const main = new URL("../../../src/main.ts", import.meta.url).pathname;

async function berth(work: Workplace, data: string, args: readonly string[], input = ""): Promise<string> {
  const child = spawn(process.execPath, ["--conditions=berth-src", main, ...args, "--data", data], {
    cwd: work.path,
    env: { PATH: work.env.PATH, HOME: work.env.HOME },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: 60_000,
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? String(code)));
  });
  const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (end !== "0") throw new Error(`berth ${args.join(" ")} ended with ${end}\n${stderr}\n${stdout}`);
  return stdout;
}
