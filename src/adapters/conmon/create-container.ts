import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { Launch } from "#core/engine/monitor.ts";
import type { MonitorOptions } from "./monitor-parts.ts";
import type { Places } from "./places.ts";
import { giveStreams } from "./give-streams.ts";
import { restoreNull } from "./restore-null.ts";
import type { Conmons, SpawnedConmon } from "./spawn-conmon.ts";
import { within } from "#kit/within.ts";

/** How long a runtime may take to make a container, ms. */
const patience = 120_000;

/** Has conmon make the container. Throws start-failed and engine-failed; nothing is left then. */
export async function createContainer(
  launch: Launch,
  places: Places,
  { runtime, logPath }: MonitorOptions,
  conmons: Conmons,
): Promise<{ pid: number; conmon: SpawnedConmon }> {
  const { id } = launch;
  const folder = places.container(id);
  let conmon: SpawnedConmon | undefined;
  try {
    // What a former run left would be taken for this one's.
    await Promise.all([rm(folder, { recursive: true, force: true }), rm(places.exit(id), { force: true })]);
    await mkdir(folder, { mode: 0o700 });
    const spec = await runtime.prepare(launch.spec);
    await writeFile(join(folder, "config.json"), JSON.stringify(spec), { mode: 0o600 });
    conmon = await conmons.spawn(folder, argumentsOf(launch, places, runtime.facts, logPath(id)), false);
    const line = await within(conmon.news.next(), patience);
    restoreNull();
    if (line === undefined)
      throw new AppError(
        "engine-failed",
        `the monitor of container ${id} failed: ${conmon.complaint() || "no word from it"}`,
      );
    if (line.data <= 0) throw runtime.startFault("create", line.message ?? "", spec.process.args[0] ?? "");
    const pid = line.data;
    if (spec.linux.uidMappings !== undefined) await giveStreams(pid, ["0", "1", "2"], pid, spec.process.user);
    void runtime.made(id, spec);
    return { pid, conmon };
  } catch (error) {
    conmon?.kill();
    await runtime.remove(id).catch(() => undefined);
    if (conmon !== undefined) await within(conmon.gone, 2000);
    await Promise.all([rm(folder, { recursive: true, force: true }), rm(places.exit(id), { force: true })]);
    if (error instanceof AppError) throw error;
    throw new AppError("engine-failed", `container ${id} can't be made: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function argumentsOf(
  { id, name, tty, stdin, stdinOnce, log }: Launch,
  places: Places,
  { program, root }: { program: string; root: string },
  logPath: string,
): string[] {
  const folder = places.container(id);
  return [
    ...["-c", id, "-u", id, "-n", name],
    ...["-r", program, "--runtime-arg", `--root=${root}`],
    ...["-b", folder, "-p", join(folder, "pidfile"), "--persist-dir", folder, "--exit-dir", places.exits],
    ...["-l", log.driver === "none" ? "none" : `k8s-file:${logPath}`, "--no-sync-log"],
    ...(tty ? ["-t"] : []),
    ...(stdin ? ["-i"] : []),
    ...(stdin && stdinOnce ? [] : ["--leave-stdin-open"]),
  ];
}
