/**
 * Containers: their states and what may be done in which. Owns the book of records and the runs in memory; never
 * touches a process, a mount or a socket itself, that is the monitor's, the snapshots' and the networks' work.
 * create → (attach, wait parked) → start → run → exit record → reaper.
 */
import type { ContainerRecord } from "#core/engine/container.ts";
import type { ExecsParts } from "../exec/execs.ts";
import { createExecs, type Execs } from "../exec/execs.ts";
import { createProbe } from "../exec/probe.ts";
import { createAttach } from "./attach.ts";
import { createChange } from "./change.ts";
import { createCommit } from "./commit.ts";
import { createCreate } from "./create.ts";
import { createFiles } from "./files.ts";
import type { FilterParts } from "./filters.ts";
import { createFreeze } from "./freeze.ts";
import { createHealth } from "./health.ts";
import { createInspect } from "./inspect.ts";
import { createList } from "./list.ts";
import { createLogs } from "./logs.ts";
import type { ContainersParts } from "./parts.ts";
import { createPrune } from "./prune.ts";
import { createReaper, type ReaperSteps } from "./reaper.ts";
import { createRemove } from "./remove.ts";
import { restoreContainers } from "./restore.ts";
import { createRunTable } from "./run-table.ts";
import { createStart } from "./start.ts";
import { createStop } from "./stop.ts";
import { createWait } from "./wait.ts";
import { createWarmRoots } from "./warm-roots.ts";
import { createResources } from "./watch-resources.ts";

export interface ContainersMore {
  filters: Pick<FilterParts, "descendsFrom">;
  process: ExecsParts["process"];
  /** Ends a process of this host by its pid. */
  kill(pid: number): void;
}

export type Containers = ReturnType<typeof createContainers>;

/** @param leaving records whose removal was begun before the engine was away. */
export function createContainers(
  parts: ContainersParts,
  more: ContainersMore,
  leaving: readonly ContainerRecord[],
) {
  const runs = createRunTable();
  const { book, monitor } = parts;
  const execs: Execs = createExecs({ ...parts, runs, process: more.process });
  const filterParts: FilterParts = { ...more.filters, find: (ref) => book.find(ref) };
  const reaper = createReaper(parts, runs, () => steps);
  const warm = createWarmRoots(parts.snapshots);
  const start = createStart(
    parts,
    runs,
    warm,
    (record) => reaper.watch(record),
    (record) => reaper.afterFailure(record),
  );
  const removal = createRemove(parts, runs, warm, ({ id }) => execs.forgetOf(id));
  // `--rm`, unless somebody said otherwise before.
  const gone = (record: ContainerRecord) => removal.destroy(record, record.leavesWithVolumes ?? true);
  const steps: ReaperSteps = {
    destroy: gone,
    run: (record) => start.run(record),
    probe: createHealth(parts, createProbe({ ...parts, monitor, ...more })),
  };
  return {
    execs,
    containers: {
      create: createCreate(parts, warm),
      list: createList(parts, filterParts),
      inspect: createInspect(parts, runs),
      start: (ref: string) => start.start(ref),
      ...createStop(parts, runs, start),
      ...createFreeze(parts),
      ...createChange(parts),
      wait: createWait(parts),
      remove: (ref: string, options: Parameters<typeof removal.remove>[1]) => removal.remove(ref, options),
      prune: createPrune(parts, filterParts, removal),
      attach: createAttach(parts, runs),
      logs: createLogs(parts),
      ...createResources(parts),
      ...createFiles(parts),
      commit: createCommit(parts),
    },
    restore: () =>
      restoreContainers(parts, reaper, leaving, {
        destroy: gone,
        restoreExecs: (record) => execs.restore(record),
      }),
    /** When containers that were told as gone hold nothing any more. */
    settled: () => runs.settled(),
    /** What still ends; resolves when it has. */
    async settle() {
      runs.close();
      await warm.close();
      await Promise.allSettled(runs.leaving);
    },
  };
}
