import type { Monitor } from "#core/engine/monitor.ts";
import type { ContainersParts } from "../containers/parts.ts";
import type { Probe } from "../containers/health.ts";
import type { ExecsParts } from "./execs.ts";

/** Bytes of a probe's output that are kept, as docker does. */
const mostOutput = 4096;
/** ms; timers take no longer time. */
const longest = 2 ** 31 - 1;

/** Runs health checks as exec sessions of their own. */
export function createProbe({
  monitor,
  folders,
  newId,
  process,
  kill,
}: Pick<ContainersParts, "folders" | "newId"> &
  Pick<ExecsParts, "process"> & {
    monitor: Pick<Monitor, "exec">;
    /** A process of this host by its pid; what is gone is fine. */
    kill(pid: number): void;
  }): Probe {
  return async (record, command, timeout, signal) => {
    const order = {
      command: [...command],
      env: [],
      user: record.config.User,
      workingDir: "",
      privileged: record.host.Privileged,
      tty: false,
      stdin: false,
      stdout: true,
      stderr: true,
      detachKeys: "",
      size: undefined,
    };
    try {
      const running = await monitor.exec({
        container: record.id,
        id: newId(),
        folder: folders.path(record.id),
        process: await process(record, order),
        tty: false,
        stdin: false,
        detached: false,
      });
      const late = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => late.resolve(undefined), Math.min(timeout, longest));
      const stop = () => late.resolve(undefined);
      signal.addEventListener("abort", stop, { once: true });
      const output = gather(running.attachment?.output);
      const code = await Promise.race([running.exit, late.promise]);
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      if (code === undefined) {
        // With its container it went already, and its number may be another's.
        if (!signal.aborted) kill(running.pid);
        running.attachment?.close();
      }
      return { code, output: await output };
    } catch (error) {
      return { code: 1, output: error instanceof Error ? error.message : String(error) };
    }
  };
}

async function gather(output: AsyncIterable<{ data: Uint8Array }> | undefined): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const { data } of output ?? []) {
    if (bytes < mostOutput) chunks.push(Uint8Array.from(data.subarray(0, mostOutput - bytes)));
    bytes += data.length;
  }
  return Buffer.concat(chunks).toString("utf8");
}
