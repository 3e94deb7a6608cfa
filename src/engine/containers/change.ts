import { AppError } from "#core/errors.ts";
import { readUpdate } from "../create/read-update.ts";
import { checkName } from "../create/read-name.ts";
import { resourcesOf } from "../spec/resources.ts";
import { emitContainer } from "./emit.ts";
import type { ContainersParts } from "./parts.ts";
import { isRunning, mustRun } from "./states.ts";
import type { TerminalSize } from "#core/engine/monitor.ts";

/** `rename`, `update`, `resize`. */
export function createChange({ book, runtime, monitor, networks, events }: ContainersParts) {
  return {
    rename(ref: string, name: string): Promise<void> {
      const { id } = book.find(ref);
      return book.locked(id, async () => {
        const record = book.find(id);
        const wanted = name.startsWith("/") ? name.slice(1) : name;
        if (wanted === "") throw new AppError("engine-invalid", "Neither old nor new names may be empty");
        checkName(wanted);
        if (wanted === record.name)
          throw new AppError("engine-invalid", "Renaming a container with the same name as its current name");
        const oldName = record.name;
        book.rename(record, wanted);
        networks.renamed(record);
        await book.save(record, true);
        emitContainer(events, record, "rename", { oldName: `/${oldName}` });
      });
    },

    update(ref: string, body: Record<string, unknown>): Promise<{ warnings: string[] }> {
      const { id } = book.find(ref);
      return book.locked(id, async () => {
        const record = book.find(id);
        const { host, warnings } = readUpdate(body, record.host, runtime.facts);
        if (host.AutoRemove && host.RestartPolicy.Name !== "no")
          throw new AppError(
            "engine-invalid",
            "Restart policy cannot be updated because AutoRemove is enabled for the container",
          );
        if (isRunning(record)) await runtime.update(id, resourcesOf(host, runtime.facts));
        record.host = host;
        await book.save(record, true);
        emitContainer(events, record, "update");
        return { warnings };
      });
    },

    async resize(ref: string, size: TerminalSize): Promise<void> {
      const record = book.find(ref);
      mustRun(record, record.id);
      await monitor.resize(record.id, size);
      emitContainer(events, record, "resize", { height: String(size.rows), width: String(size.columns) });
    },
  };
}
