import { mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { ExecLaunch, RunningExec } from "#core/engine/monitor.ts";
import type { RuntimeProcess } from "#oci/runtime-spec.ts";
import { createControl } from "./control.ts";
import { writeExecNote } from "./exec-note.ts";
import { drained } from "./drained.ts";
import { createFanOut } from "./fan-out.ts";
import type { MonitoredRuntime } from "#core/engine/monitored-runtime.ts";
import type { Places } from "./places.ts";
import { giveStreams } from "./give-streams.ts";
import { restoreNull } from "./restore-null.ts";
import type { Conmons, SpawnedConmon } from "./spawn-conmon.ts";
import type { Channel, Switchboard } from "./switchboard.ts";
import { within } from "#kit/within.ts";

/** How long it may take until it runs: a frozen container's never does, ms. */
const patience = 30_000;
/** How long output may still come after the exit code, ms; a slow reader's is waited for longer by conmon itself. */
const rest = 10_000;

export interface ExecParts {
  places: Places;
  runtime: MonitoredRuntime;
  switchboard: Switchboard;
  conmons: Conmons;
  /** Of the container's first process. */
  first: number | undefined;
  /** Of its readers, ms. */
  patience: number;
}

/** Runs another process in a container. Throws start-failed; nothing of it is left then. */
export async function execSession(
  exec: ExecLaunch,
  { places, runtime, switchboard, conmons, first, patience: readerPatience }: ExecParts,
): Promise<RunningExec> {
  const folder = places.exec(exec.container, exec.id);
  const clean = () => rm(folder, { recursive: true, force: true });
  let conmon: SpawnedConmon | undefined;
  let channel: Channel | undefined;
  const quiet = Promise.withResolvers<void>();
  const control = createControl(folder);
  const streams = createFanOut(
    {
      send: (data) => (exec.stdin && channel !== undefined ? channel.send(data) : Promise.resolve()),
      endInput: () => {
        if (!exec.tty) channel?.endInput();
      },
      hold: (on) => channel?.hold(on),
      // It goes on without a reader; its stdin stays as it is.
      left: () => undefined,
    },
    readerPatience,
  );

  const begin = async (): Promise<number> => {
    // On a tmpfs: a turn of the thread pool takes longer than the work.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "process.json"), JSON.stringify(sized(exec)), { mode: 0o600 });
    conmon = await conmons.spawn(folder, argumentsOf(exec, folder, runtime.facts), !exec.detached);
    const noted = writeExecNote(folder, exec.note);
    noted.catch(() => undefined);
    if (!exec.detached) {
      // It makes its socket, then waits until somebody is there.
      conmon.goOn();
      await Promise.race([conmon.attachable, conmon.gone]);
      channel = switchboard.open(folder, {
        output: (chunk) => streams.take(chunk),
        end: (lost) => {
          quiet.resolve();
          if (lost) streams.drop();
        },
      });
      await channel.connected;
      if (first !== undefined) await giveStreams(conmon.pid, undefined, first, exec.process.user);
      await noted;
      conmon.goOn();
    }
    await noted;
    const line = await conmon.news.next();
    restoreNull();
    if (line === undefined)
      throw new AppError(
        "engine-failed",
        `exec session ${exec.id} failed: ${conmon.complaint() || "no word from its monitor"}`,
      );
    if (line.data < 0) throw runtime.startFault("exec", line.message ?? "", exec.process.args[0] ?? "");
    return line.data;
  };

  let attachment: RunningExec["attachment"];
  let pid: number | undefined;
  try {
    if (!exec.detached) attachment = streams.attach();
    pid = await within(begin(), patience);
    if (pid === undefined)
      throw new AppError(
        "engine-failed",
        `exec session ${exec.id} doesn't start: container ${exec.container} doesn't answer`,
      );
  } catch (error) {
    conmon?.kill();
    channel?.close();
    streams.end();
    await clean();
    if (error instanceof AppError) throw error;
    throw new AppError("engine-failed", `exec session ${exec.id} can't start: ${(error as Error).message}`, {
      cause: error,
    });
  }

  const running = conmon as unknown as SpawnedConmon;
  const exit = (async () => {
    // Its end without a code: it was killed.
    const code = (await running.news.next())?.data ?? 255;
    if (channel !== undefined && !streams.full()) await within(quiet.promise, rest);
    setImmediate(() => void finish());
    return code >= 0 && code <= 255 ? code : 255;
  })();

  /** After whoever waited for the exit code has noted it: readers see their end. */
  async function finish(): Promise<void> {
    if (channel !== undefined) await drained(quiet.promise, streams, rest);
    channel?.close();
    streams.end();
    await within(running.gone, rest);
    // What can't be removed goes with the container's.
    await clean().catch(() => undefined);
  }

  return { pid, attachment, exit, resize: ({ rows, columns }) => control.resize(rows, columns) };
}

function sized({ process: asked, tty, size }: ExecLaunch): RuntimeProcess {
  const { consoleSize, ...plain } = asked;
  if (!tty) return plain;
  return size === undefined
    ? { ...plain, ...(consoleSize === undefined ? {} : { consoleSize }) }
    : { ...plain, consoleSize: { height: size.rows, width: size.columns } };
}

function argumentsOf(
  { container, id, tty, stdin, detached }: ExecLaunch,
  folder: string,
  { program, root }: { program: string; root: string },
): string[] {
  return [
    ...["-c", container, "-u", id, "-r", program, "--runtime-arg", `--root=${root}`],
    ...["-b", folder, "-p", join(folder, "pidfile"), "--exit-dir", folder, "-l", "none"],
    ...["-e", "--exec-process-spec", join(folder, "process.json")],
    ...(detached ? [] : ["--exec-attach"]),
    ...(tty ? ["-t"] : []),
    ...(stdin ? ["-i"] : []),
  ];
}
