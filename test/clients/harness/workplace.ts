import { mkdtempSync, mkdirSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../find-program.ts";
import { run, type RunOptions } from "./run-program.ts";
import { leftovers, removeFolder } from "./leftovers.ts";

/** A folder of its own for one client: home, configuration, storage. Gone when it is disposed. */
export interface Workplace extends AsyncDisposable {
  path: string;
  /** A folder below it, made when it isn't there. */
  folder(name: string): string;
  /** The environment that a client sees: nothing of the person's who runs the tests, and no way out. */
  env: Record<string, string>;
  /** Runs a client to its end and gives what it wrote to stdout; throws with all it said when it fails. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<string>;
}

export function workplace(): Workplace {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "berth-client-")));
  leftovers.folders.add(path);
  const folder = (name: string) => {
    mkdirSync(join(path, name), { recursive: true, mode: 0o700 });
    return join(path, name);
  };
  const env = {
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    LANG: "C.UTF-8",
    HOME: folder("home"),
    TMPDIR: folder("tmp"),
    XDG_RUNTIME_DIR: folder("xdg"),
    // Whatever tries to call out fails at once at a closed port, instead of reaching somebody.
    HTTP_PROXY: "http://127.0.0.1:9",
    HTTPS_PROXY: "http://127.0.0.1:9",
    NO_PROXY: "127.0.0.1",
  };
  return {
    path,
    folder,
    env,
    run: (program, args, options = {}) =>
      run(findProgram(program) ?? program, args, {
        cwd: path,
        ...options,
        env: { ...env, ...options.env },
      }),
    [Symbol.asyncDispose]: () => {
      removeFolder(path);
      return Promise.resolve();
    },
  };
}
