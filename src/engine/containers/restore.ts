/**
 * Finds everything again after the engine was away: what still runs is watched, what ended meanwhile is dealt with,
 * what was half done is undone, and policies start what they should.
 */
import type { ContainerRecord } from "#core/engine/container.ts";
import { timeText } from "#kit/nano-time.ts";
import { launchOf } from "./launch.ts";
import type { ContainersParts } from "./parts.ts";
import type { Reaper } from "./reaper.ts";
import { isRunning, unknownEnd } from "./states.ts";

/** Starts by policy come a moment apart from the engine's own, ms. */
const startsAfter = 10;

export interface RestoreSteps {
  destroy(record: ContainerRecord): Promise<void>;
  /** Takes up the exec sessions of a container that was found again. */
  restoreExecs(record: ContainerRecord): Promise<void>;
}

export async function restoreContainers(
  parts: ContainersParts,
  reaper: Reaper,
  leaving: readonly ContainerRecord[],
  { destroy, restoreExecs }: RestoreSteps,
): Promise<void> {
  const { book, monitor, networks, snapshots, report, now } = parts;
  const running: ContainerRecord[] = [];
  const unseen = new Set<ContainerRecord>();
  for (const record of book.all()) {
    if (!isRunning(record)) continue;
    const found = await monitor.adopt(launchOf(parts, record)).catch((error: unknown) => {
      report(error, `container ${record.id} can't be found again`);
      return undefined;
    });
    if (found === undefined) await lost(record);
    else {
      if (found.running) record.state.pid = found.pid;
      running.push(record);
    }
  }
  const known = new Set(running.map(({ id }) => id));
  await monitor.sweep(known);
  for (const { id } of running) await snapshots.adopt(id);
  await networks.restore(running);
  for (const record of leaving)
    await destroy(record).catch((error: unknown) => report(error, `container ${record.id} can't be removed`));
  // Before their containers' ends are dealt with, for records of theirs go with those.
  for (const record of running)
    await restoreExecs(record).catch((error: unknown) =>
      report(error, `exec sessions of container ${record.id} can't be found again`),
    );
  for (const record of running) reaper.watch(record);
  for (const record of book.all()) {
    if (known.has(record.id)) continue;
    // A start that was cut off may have mounted it.
    await snapshots.unmount(record.id).catch((error: unknown) => report(error, `${record.id} stays mounted`));
    await parts.unspec(record);
    await resume(record);
  }

  async function lost(record: ContainerRecord): Promise<void> {
    unseen.add(record);
    record.state = {
      ...record.state,
      status: "exited",
      pid: 0,
      exitCode: unknownEnd,
      finishedAt: timeText(now()),
    };
    record.ports = [];
    for (const endpoint of Object.values(record.endpoints)) delete endpoint.now;
    await book.save(record, false);
  }

  async function resume(record: ContainerRecord): Promise<void> {
    const { host, state, stoppedByHand } = record;
    if (state.status === "created") return;
    if (host.AutoRemove) {
      book.hide(record);
      await destroy(record).catch((error: unknown) =>
        report(error, `container ${record.id} can't be removed`),
      );
      return;
    }
    const { Name } = host.RestartPolicy;
    const again =
      Name === "always" ||
      (Name === "unless-stopped" && !stoppedByHand) ||
      (Name === "on-failure" &&
        !stoppedByHand &&
        state.exitCode !== 0 &&
        (state.status === "restarting" || unseen.has(record)));
    if (again) {
      record.stoppedByHand = false;
      record.state.status = "restarting";
      reaper.plan(record, startsAfter);
    } else if (state.status === "restarting") record.state.status = "exited";
    else return;
    await book.save(record, false);
  }
}
