import type { MountPoint } from "#core/engine/container.ts";
import type { ContainerLookup } from "../container-lookup.ts";

/** Which containers have which volumes; also those that are just being made. */
export interface InUse {
  /** Ids of the containers. */
  by(name: string): string[];
  /** From now on the container has it, though its record doesn't say so yet. */
  hold(container: string, name: string): void;
  /** The container is gone, or won't be. */
  drop(container: string): void;
}

export function createInUse(containers: Pick<ContainerLookup, "all">): InUse {
  const held = new Map<string, Set<string>>();
  const has = (mounts: readonly MountPoint[], name: string) =>
    mounts.some((mount) => mount.type === "volume" && mount.name === name);
  return {
    by(name) {
      const users = new Set<string>();
      for (const { id, mounts } of containers.all()) if (has(mounts, name)) users.add(id);
      for (const [container, names] of held) if (names.has(name)) users.add(container);
      return [...users];
    },
    hold(container, name) {
      const names = held.get(container) ?? new Set();
      held.set(container, names.add(name));
    },
    drop: (container) => void held.delete(container),
  };
}
