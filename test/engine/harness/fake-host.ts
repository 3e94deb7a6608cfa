import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TestContext } from "node:test";
import { runProgram } from "#kit/run-program.ts";
import { engineTest, lacking } from "./needs.ts";

const mark = "BERTH_TEST_FAKE_HOST";

/**
 * Runs a test file's tests in a network namespace of its own (lo is up, nothing else is there), so that no bridge,
 * firewall line or listener of theirs is this machine's. The file calls itself once more in there.
 * @param file `import.meta.url`
 */
export function onFakeHost(file: string, tests: (test: typeof engineTest) => void): void {
  if (process.env[mark] === "1") return tests(engineTest);
  engineTest(
    "on a host of its own",
    async () => {
      const args = [
        "--net",
        process.execPath,
        "--conditions=berth-src",
        "--test-reporter=spec",
        fileURLToPath(file),
      ];
      const end = await runProgram("unshare", args, {
        env: { PATH: process.env.PATH ?? "", [mark]: "1", ...(process.env.CI ? { CI: process.env.CI } : {}) },
        timeout: 110_000,
      });
      assert.equal(end.code, 0, `${end.stdout}\n${end.stderr}`);
      assert.match(end.stdout, /pass [1-9]/);
    },
    120_000,
  );
}

/** What a test in there has: other network namespaces, and programs in them. */
export interface Namespace {
  pid: number;
  /** Standard output of a program in it; throws when it fails. */
  run(program: string, ...args: string[]): Promise<string>;
  /** The exit code of a program in it. */
  code(program: string, ...args: string[]): Promise<number>;
  /** A program in it that goes on until the test ends. */
  serve(program: string, ...args: string[]): ChildProcess;
}

/** A namespace as a container's: lo is up. It ends with the test. */
export async function namespace(context: TestContext): Promise<Namespace> {
  const children: ChildProcess[] = [];
  context.after(async () => {
    for (const child of children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });
  const holder = spawn("unshare", ["--net", "sh", "-c", "ip link set lo up && echo up && exec sleep 300"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  children.push(holder);
  await once(holder.stdout, "data");
  const pid = holder.pid ?? 0;
  const enter = (program: string, args: string[]) => ["-t", String(pid), "-n", program, ...args];
  const end = (program: string, args: string[]) =>
    runProgram("nsenter", enter(program, args), { timeout: 20_000 });
  return {
    pid,
    async run(program, ...args) {
      const { code, stdout, stderr } = await end(program, args);
      assert.equal(code, 0, `${program} ${args.join(" ")}: ${stdout}${stderr}`);
      return stdout;
    },
    code: async (program, ...args) => (await end(program, args)).code,
    serve(program, ...args) {
      const child = spawn("nsenter", enter(program, args), { stdio: ["ignore", "ignore", "inherit"] });
      children.push(child);
      return child;
    },
  };
}

/** lo of the fake host itself. */
export async function raiseLoopback(): Promise<void> {
  if (lacking() === undefined) await runProgram("ip", ["link", "set", "lo", "up"]);
}

/** Tries until it works, at most three seconds. */
export async function soon<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 60; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
