import type { Attachment, LogLine } from "#core/engine/output.ts";
import { AppError } from "#core/errors.ts";
import { emitContainer } from "./emit.ts";
import type { ContainersParts } from "./parts.ts";
import { park, type RunTable } from "./run-table.ts";
import { isRunning } from "./states.ts";

export interface Attached {
  tty: boolean;
  /** What it wrote before. */
  replay: AsyncIterable<LogLine>;
  attachment: Attachment | undefined;
}

/** Connects to a container's streams, of its next run where it has no process yet. */
export function createAttach({ book, monitor, events }: ContainersParts, runs: RunTable) {
  return (ref: string, wants: { replay: boolean; stream: boolean }): Promise<Attached> => {
    const record = book.find(ref);
    const { id, state, config } = record;
    if (state.status === "paused")
      throw new AppError(
        "engine-conflict",
        `Container ${ref} is paused, unpause the container before attach.`,
      );
    if (state.status === "restarting")
      throw new AppError(
        "engine-conflict",
        `Container ${ref} is restarting, wait until the container is running before attach.`,
      );
    emitContainer(events, record, "attach");
    const everything = {
      stdout: true,
      stderr: true,
      follow: false,
      tail: undefined,
      since: undefined,
      until: undefined,
    };
    return Promise.resolve({
      tty: config.Tty,
      replay: wants.replay ? monitor.logs(id, everything, new AbortController().signal) : nothing(),
      attachment: !wants.stream ? undefined : isRunning(record) ? monitor.attach(id) : park(runs.of(id)),
    });
  };
}

async function* nothing(): AsyncGenerator<LogLine> {
  // Nothing was asked for.
}
