import type { Usage } from "#core/engine/runtime.ts";
import { AppError } from "#core/errors.ts";
import { emitContainer } from "./emit.ts";
import type { ContainersParts } from "./parts.ts";
import { isRunning, mustRun } from "./states.ts";

/** `top` and `stats`. */
export function createResources({ book, runtime, events }: ContainersParts) {
  return {
    async top(ref: string, args: string): Promise<{ titles: string[]; processes: string[][] }> {
      const record = book.find(ref);
      mustRun(record, record.id);
      const seen = await runtime.top(record.id, args);
      emitContainer(events, record, "top");
      return seen;
    },
    async stats(ref: string): Promise<{ id: string; name: string; usage: Usage | undefined }> {
      const record = book.find(ref);
      const { id, name, state } = record;
      if (!isRunning(record)) return { id, name, usage: undefined };
      try {
        return { id, name, usage: await runtime.stats(id, state.pid) };
      } catch (error) {
        // It ended while its files were read.
        if (error instanceof AppError || !isRunning(record)) return { id, name, usage: undefined };
        throw error;
      }
    },
  };
}
