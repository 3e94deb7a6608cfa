import type { ContainerRecord } from "#core/engine/container.ts";
import type { Snapshots } from "#core/engine/snapshots.ts";

/** How long a root waits for its start, ms: clients start what they made at once, or much later. */
const patience = 5_000;

/**
 * Roots that are mounted as soon as their containers are made: by the time the client has attached and asks for the
 * start, that is done.
 */
export interface WarmRoots {
  begin(record: ContainerRecord): void;
  /** Its root, mounted; whoever takes it unmounts it. */
  take(record: ContainerRecord): Promise<string>;
  /** It is going away: resolves when nothing mounts it any more. */
  drop(id: string): Promise<void>;
  /** The engine ends: none stays mounted for a start that won't come. */
  close(): Promise<void>;
}

export function createWarmRoots(snapshots: Pick<Snapshots, "mount" | "unmount">): WarmRoots {
  const warm = new Map<string, { root: Promise<string>; timer: NodeJS.Timeout }>();

  const mount = ({ id, layers, host }: ContainerRecord) =>
    snapshots.mount(id, layers, { volatile: host.AutoRemove });

  async function drop(id: string): Promise<void> {
    const one = warm.get(id);
    if (one === undefined) return;
    warm.delete(id);
    clearTimeout(one.timer);
    // One that couldn't be mounted has nothing to unmount; its start will say why.
    await one.root.then(() => snapshots.unmount(id)).catch(() => undefined);
  }

  return {
    begin(record) {
      const { id } = record;
      const root = mount(record);
      root.catch(() => undefined);
      warm.set(id, { root, timer: setTimeout(() => void drop(id), patience).unref() });
    },
    async take(record) {
      const one = warm.get(record.id);
      if (one === undefined) return mount(record);
      warm.delete(record.id);
      clearTimeout(one.timer);
      return one.root.catch(() => mount(record));
    },
    drop,
    async close() {
      await Promise.all([...warm.keys()].map(drop));
    },
  };
}
