import { AppError } from "#core/errors.ts";
import { emitContainer } from "./emit.ts";
import type { ContainersParts } from "./parts.ts";
import { mustRun } from "./states.ts";

/** `pause` and `unpause`. */
export function createFreeze({ book, runtime, events }: ContainersParts): {
  pause(ref: string): Promise<void>;
  resume(ref: string): Promise<void>;
} {
  return {
    pause(ref) {
      const { id } = book.find(ref);
      return book.locked(id, async () => {
        const record = book.find(id);
        mustRun(record);
        if (record.state.status === "paused")
          throw new AppError("engine-conflict", `Container ${id} is already paused`);
        await runtime.pause(id);
        record.state.status = "paused";
        await book.save(record, false);
        emitContainer(events, record, "pause");
      });
    },
    resume(ref) {
      const { id } = book.find(ref);
      return book.locked(id, async () => {
        const record = book.find(id);
        if (record.state.status !== "paused")
          throw new AppError("engine-failed", `Container ${id} is not paused`);
        await runtime.resume(id);
        record.state.status = "running";
        await book.save(record, false);
        emitContainer(events, record, "unpause");
      });
    },
  };
}
