import type { ContainerRecord } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import { within } from "#kit/within.ts";
import { emitContainer } from "./emit.ts";
import type { ContainersParts } from "./parts.ts";
import { connectParked, type RunTable } from "./run-table.ts";
import { saveIfRoom } from "./save-if-room.ts";
import { isRunning } from "./states.ts";
import type { WarmRoots } from "./warm-roots.ts";

const signalKill = 9;
/** How long the end of a killed container is waited for, ms. */
const patience = 20_000;

export interface Remove {
  remove(ref: string, options: { force: boolean; volumes: boolean; link: boolean }): Promise<void>;
  /** What is left of a hidden container. @param volumes those made for it alone go as well. */
  destroy(record: ContainerRecord, volumes: boolean): Promise<void>;
}

/** @param gone what else is kept of a container goes with it. */
export function createRemove(
  parts: ContainersParts,
  runs: RunTable,
  warm: Pick<WarmRoots, "drop">,
  gone: (record: ContainerRecord) => void,
): Remove {
  const { book, snapshots, folders, volumes, runtime, waiters, events, report } = parts;

  async function destroy(record: ContainerRecord, withVolumes: boolean): Promise<void> {
    const { id } = record;
    await warm.drop(id);
    await Promise.all([snapshots.remove(id), parts.unspec(record)]);
    await Promise.all([folders.remove(id), volumes.release(record, withVolumes)]);
    await book.forget(id);
    // Who waits for a start of it waits for nothing.
    connectParked(runs.of(id), () => undefined);
    runs.forget(id);
    gone(record);
    emitContainer(events, record, "destroy");
    await parts.images
      .released(record)
      .catch((error: unknown) =>
        report(error, `what container ${id} left of its image can't be tidied away`),
      );
  }

  return {
    destroy,
    async remove(ref, options) {
      if (options.link)
        throw new AppError(
          "engine-unsupported",
          "links between containers can't be removed: connect the containers to a network instead",
        );
      const { id } = book.find(ref);
      const notes = runs.of(id);
      if (notes.removing)
        throw new AppError("engine-conflict", `removal of container ${ref} is already in progress`);
      notes.removing = true;
      try {
        // A start that was under way is over once we have the lock; another one isn't let in.
        do await end(id, ref, options.force);
        while (!(await book.locked(id, () => unlessRunning(id, options.volumes))));
      } finally {
        notes.removing = false;
      }
    },
  };

  /** Under the lock. False: it runs. */
  async function unlessRunning(id: string, withVolumes: boolean): Promise<boolean> {
    const record = book.find(id);
    if (isRunning(record)) return false;
    record.state.status = "removing";
    record.leavesWithVolumes = withVolumes;
    await saveIfRoom(parts, record, true);
    book.hide(record);
    const { exitCode: code } = record.state;
    try {
      await destroy(record, withVolumes);
      waiters.removed(id, { code, error: undefined });
    } catch (error) {
      // Nobody finds it any more; the next start of the engine goes on with it.
      waiters.removed(id, { code, error: `container ${id} can't be removed wholly` });
      connectParked(runs.of(id), () => undefined);
      throw error;
    }
    return true;
  }

  async function end(id: string, ref: string, force: boolean): Promise<void> {
    const record = book.find(id);
    const notes = runs.of(id);
    if (isRunning(record)) {
      if (!force)
        throw new AppError(
          "engine-conflict",
          record.state.status === "paused"
            ? `You cannot remove a paused container ${id}. Unpause and then stop the container before attempting removal or force remove`
            : `You cannot remove a running container ${id}. Stop the container before attempting removal or force remove`,
        );
      await runtime.signal(id, signalKill, true);
      if (
        (await within(
          notes.over.then(() => true as const),
          patience,
        )) === undefined
      )
        throw new AppError(
          "engine-failed",
          `Could not kill running container ${id}, cannot remove - it doesn't end`,
        );
    } else if (record.state.status === "restarting") {
      if (!force)
        throw new AppError(
          "engine-conflict",
          `You cannot remove a restarting container ${id}. Stop the container before attempting removal or force remove`,
        );
      clearTimeout(notes.restart);
      // One that just starts again ends first.
      await book.locked(id, () => Promise.resolve());
      if (isRunning(book.find(id))) await end(id, ref, force);
    }
  }
}
