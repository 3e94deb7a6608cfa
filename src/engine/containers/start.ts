import type { ContainerRecord } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import { timeText } from "#kit/nano-time.ts";
import { emitContainer } from "./emit.ts";
import { launchOf } from "./launch.ts";
import type { ContainersParts } from "./parts.ts";
import { connectParked, type RunTable } from "./run-table.ts";
import { isRunning } from "./states.ts";
import type { WarmRoots } from "./warm-roots.ts";

export interface Start {
  /** By hand. Throws engine-unchanged, engine-conflict, start-failed, port-taken. */
  start(ref: string): Promise<void>;
  /** Under the container's lock; it doesn't run. What failed is undone, and noted in its state. */
  run(record: ContainerRecord): Promise<void>;
}

/** @param watch is told of each container that runs, so that its end is dealt with. */
export function createStart(
  parts: ContainersParts,
  runs: RunTable,
  warm: Pick<WarmRoots, "take">,
  watch: (record: ContainerRecord) => void,
  afterFailure: (record: ContainerRecord) => Promise<void>,
): Start {
  const { book, monitor, networks, snapshots, volumes, folders, events, now } = parts;

  async function run(record: ContainerRecord): Promise<void> {
    const { id } = record;
    await portsComeFree(record);
    monitor.expectProcess();
    const undo: (() => Promise<unknown>)[] = [];
    try {
      const [rootfs] = await both([
        warm.take(record).then((root) => {
          undo.push(() => snapshots.unmount(id));
          return root;
        }),
        networks.prepare(record).then(() => void undo.push(() => networks.unplug(record))),
      ]);
      await volumes.fill(record);
      undo.push(() => parts.unspec(record));
      const [spec] = await both([
        parts.spec(withLinks(record), rootfs),
        networks
          .files(record)
          .then((files) => folders.write(id, { ...files, hostname: `${record.config.Hostname}\n` })),
      ]);
      const { pid } = await monitor.create({ ...launchOf(parts, record), spec });
      undo.push(() => monitor.release(id));
      await networks.plug(record, pid);
      connectParked(runs.of(id), () => monitor.attach(id));
      // Before it runs: one that ends at once doesn't end before it started.
      const startedAt = timeText(now());
      await monitor.start(id);
      // Of the run before.
      const { health: _, ...before } = record.state;
      record.state = {
        ...before,
        status: "running",
        pid,
        exitCode: 0,
        error: "",
        oomKilled: false,
        startedAt,
      };
    } catch (error) {
      for (const step of undo.reverse())
        await step().catch((fault: unknown) =>
          parts.report(fault, `a failed start of ${id} can't be undone`),
        );
      await failed(record, error);
      throw error;
    }
    watch(record);
    emitContainer(events, record, "start");
    await book.save(record, false);
  }

  /** Clients tell by the text which exit code to end with; inspect shows the same. */
  async function failed(record: ContainerRecord, error: unknown): Promise<void> {
    const message = error instanceof AppError ? error.message : "the engine failed; its log has the cause";
    connectParked(runs.of(record.id), () => undefined);
    record.state = { ...record.state, pid: 0, exitCode: failureCode(error), error: message };
    if (record.state.status === "restarting") record.state.status = "exited";
    await book
      .save(record, false)
      .catch((fault: unknown) => parts.report(fault, `the state of container ${record.id} can't be kept`));
    await afterFailure(record);
  }

  /** Variables that its links bring come before its own. */
  function withLinks(record: ContainerRecord): ContainerRecord {
    const brought = networks.environment(record);
    if (brought.length === 0) return record;
    return { ...record, config: { ...record.config, Env: [...brought, ...record.config.Env] } };
  }

  /** What containers that are just going away still hold. */
  async function portsComeFree({ host, endpoints }: ContainerRecord): Promise<void> {
    const fixed = Object.values(endpoints).some(
      ({ requested }) => requested.ipv4 !== undefined || requested.ipv6 !== undefined,
    );
    if (fixed || host.PublishAllPorts || Object.keys(host.PortBindings).length > 0) await runs.settled();
  }

  return {
    run,
    start: (ref) => {
      const { id } = book.find(ref);
      return book.locked(id, async () => {
        const record = book.find(id);
        if (record.state.status === "paused")
          throw new AppError("engine-conflict", "cannot start a paused container, try unpause instead");
        if (isRunning(record)) throw new AppError("engine-unchanged", `Container ${ref} is running`);
        if (runs.of(id).removing)
          throw new AppError("engine-conflict", "container is marked for removal and cannot be started");
        const notes = runs.of(id);
        clearTimeout(notes.restart);
        notes.lastDelay = 0;
        record.restarts = 0;
        record.stoppedByHand = false;
        await run(record);
      });
    },
  };
}

function failureCode(error: unknown): number {
  if (!(error instanceof AppError) || error.code !== "start-failed") return 128;
  if (/executable file not found|no such file or directory/i.test(error.message)) return 127;
  return /permission denied|is a directory/i.test(error.message) ? 126 : 128;
}

/** Both, or the first fault once both are through: what was begun can be undone then. */
async function both<A, B>(work: readonly [Promise<A>, Promise<B>]): Promise<[A, B]> {
  const ends = await Promise.allSettled(work);
  const fault = ends.find((end) => end.status === "rejected");
  if (fault !== undefined) throw fault.reason;
  return Promise.all(work);
}
