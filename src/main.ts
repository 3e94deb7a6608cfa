import { enableCompileCache } from "node:module";
import { availableParallelism, homedir } from "node:os";
import { compileCacheFolder } from "#app/compile-cache.ts";

enableCompileCache(compileCacheFolder);

// Files are synced in Node's thread pool, and a sync waits for the disk, not for a core: pushes at the
// same time share the disk's work only when enough of them wait together. Read at the pool's first use.
process.env.UV_THREADPOOL_SIZE ??= "16";

for (const stream of [process.stdout, process.stderr]) {
  // `berth check-config | head -1` closes the pipe; what is left to say has no reader.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

// After the cache is on, so that it holds for everything that follows.
const { run } = await import("#cli/run.ts");

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  // Opened only by a verb that asks for it.
  get stdin() {
    return process.stdin;
  },
  env: process.env,
  cwd: process.cwd(),
  machine: {
    cores: availableParallelism(),
    home: homedir(),
    root: process.getuid?.() === 0,
    fromSource: import.meta.url.endsWith(".ts"),
  },
});
