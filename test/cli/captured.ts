import { tmpdir } from "node:os";
import type { Io } from "#cli/io.ts";
import { run } from "#cli/run.ts";

/** Runs `berth` in this process and keeps what it wrote. */
export async function berth(argv: readonly string[], given: Partial<Io> & { terminal?: boolean } = {}) {
  const { terminal, ...io } = given;
  const written = { stdout: "", stderr: "" };
  const output = (name: "stdout" | "stderr") => ({
    write: (text: string) => (written[name] += text),
    isTTY: terminal,
  });
  const code = await run(argv, {
    stdout: output("stdout"),
    stderr: output("stderr"),
    env: {},
    cwd: tmpdir(),
    machine: { cores: 2, home: "/home/user", root: false, fromSource: true },
    ...io,
  });
  return { code, ...written };
}
