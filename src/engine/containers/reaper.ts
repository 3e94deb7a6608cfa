/**
 * What follows the end of a container's process: its state, those who wait, network and root taken down, and then
 * nothing, its removal (`--rm`) or another start (its policy). exit record → state → waiters → cleaning → policy.
 */
import type { ContainerRecord } from "#core/engine/container.ts";
import type { Exit } from "#core/engine/monitor.ts";
import { timeText } from "#kit/nano-time.ts";
import { timeOf } from "../times.ts";
import { emitContainer } from "./emit.ts";
import type { ContainersParts } from "./parts.ts";
import { restartDelay } from "./restart-delay.ts";
import { connectParked, type RunNotes, type RunTable } from "./run-table.ts";
import { unknownEnd } from "./states.ts";

export interface Reaper {
  /** Waits for the end of a container that runs, and deals with it. */
  watch(record: ContainerRecord): void;
  /** A start failed: `--rm` holds for it, too. Under the lock. */
  afterFailure(record: ContainerRecord): Promise<void>;
  /** Starts it again after a pause, unless somebody else does something with it before. */
  plan(record: ContainerRecord, delay: number): void;
}

export interface ReaperSteps {
  /** Removes what is left of it: folder, writable part, volumes made for it; it is hidden already. */
  destroy(record: ContainerRecord): Promise<void>;
  run(record: ContainerRecord): Promise<void>;
  /** Health checks of a run. */
  probe(record: ContainerRecord, signal: AbortSignal): void;
}

export function createReaper(parts: ContainersParts, runs: RunTable, steps: () => ReaperSteps): Reaper {
  const { book, monitor, networks, snapshots, waiters, events, report } = parts;

  function watch(record: ContainerRecord): void {
    const { id } = record;
    const notes = runs.of(id);
    notes.health = new AbortController();
    if (!runs.closed) steps().probe(record, notes.health.signal);
    notes.over = monitor
      .exit(id)
      .catch((error: unknown): Exit => {
        report(error, `how container ${id} ended isn't known`);
        return { code: unknownEnd, oomKilled: false, at: timeText(parts.now()) };
      })
      .then((exit) => book.locked(id, () => ended(record, notes, exit)))
      .catch((error: unknown) => report(error, `the end of container ${id} can't be dealt with`));
  }

  async function ended(record: ContainerRecord, notes: RunNotes, exit: Exit): Promise<void> {
    const { id } = record;
    notes.health?.abort();
    const delay = delayOf(record, notes, exit);
    record.state = {
      ...record.state,
      status: delay === undefined ? "exited" : "restarting",
      pid: 0,
      exitCode: exit.code,
      oomKilled: exit.oomKilled,
      finishedAt: exit.at,
    };
    if (exit.oomKilled) emitContainer(events, record, "oom");
    emitContainer(events, record, "die", { exitCode: String(exit.code) });
    const goes = delay === undefined && record.host.AutoRemove && notes.restarting === 0 && !notes.removing;
    if (goes) await leave(record, () => clean(record));
    else {
      await keep(record);
      const work = clean(record);
      runs.leaving.add(work);
      waiters.ended(id, exit.code);
      await work;
      runs.leaving.delete(work);
      await keep(record);
      if (delay !== undefined) plan(record, delay);
    }
  }

  /** A full disk must not keep an end from being dealt with. */
  async function keep(record: ContainerRecord): Promise<void> {
    await book
      .save(record, false)
      .catch((error: unknown) => report(error, `the state of container ${record.id} can't be kept`));
  }

  /** Gone for everybody at once; what takes longer follows. */
  async function leave(record: ContainerRecord, first: () => Promise<void>): Promise<void> {
    const { id } = record;
    const { exitCode } = record.state;
    runs.of(id).removing = true;
    record.state.status = "removing";
    await keep(record);
    book.hide(record);
    const work = first().then(() => steps().destroy(record));
    runs.leaving.add(work);
    waiters.removed(id, { code: exitCode, error: undefined });
    try {
      await work;
    } finally {
      runs.leaving.delete(work);
    }
  }

  async function clean(record: ContainerRecord): Promise<void> {
    const { id } = record;
    const ends = await Promise.allSettled([
      networks.unplug(record),
      monitor.release(id),
      snapshots.unmount(id),
      parts.unspec(record),
    ]);
    for (const end of ends)
      if (end.status === "rejected") report(end.reason, `something of container ${id} is left`);
  }

  function delayOf(record: ContainerRecord, notes: RunNotes, exit: Exit): number | undefined {
    if (notes.restarting > 0 || notes.removing) return undefined;
    const delay = restartDelay({
      policy: record.host.RestartPolicy,
      exitCode: exit.code,
      restarts: record.restarts,
      stoppedByHand: record.stoppedByHand,
      lastDelay: notes.lastDelay,
      ran: timeOf(exit.at) - timeOf(record.state.startedAt),
    });
    notes.lastDelay = delay ?? 0;
    return delay;
  }

  function plan(record: ContainerRecord, delay: number): void {
    const { id } = record;
    const notes = runs.of(id);
    clearTimeout(notes.restart);
    if (runs.closed) return;
    notes.restart = setTimeout(() => {
      book
        .locked(id, async () => {
          if (book.get(id) !== record || record.state.status !== "restarting" || notes.removing) return;
          record.restarts++;
          await steps().run(record);
        })
        .catch((error: unknown) => {
          report(error, `container ${id} can't be started again`);
        });
    }, delay);
  }

  return {
    watch,
    plan,
    async afterFailure(record) {
      const { id, host, state } = record;
      const notes = runs.of(id);
      connectParked(notes, () => undefined);
      if (host.AutoRemove && !notes.removing) await leave(record, () => Promise.resolve());
      else waiters.ended(id, state.exitCode);
    },
  };
}
