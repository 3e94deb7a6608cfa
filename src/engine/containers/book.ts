import type { ContainerRecord } from "#core/engine/container.ts";
import type { Shelf } from "#core/engine/records.ts";
import { AppError } from "#core/errors.ts";
import { createKeyedLock } from "#kit/keyed-lock.ts";
import type { ContainerLookup } from "../container-lookup.ts";

/** All containers of the engine, in memory and on their shelf. */
export interface Book extends ContainerLookup {
  get(id: string): ContainerRecord | undefined;
  /** Takes name and id at once, so that no other create gets them. Throws engine-conflict. */
  add(record: ContainerRecord): void;
  /** Throws engine-conflict when another has the name. */
  rename(record: ContainerRecord, name: string): void;
  /** From now on nobody finds it; its row stays until `forget`. */
  hide(record: ContainerRecord): void;
  save(record: ContainerRecord, lasting: boolean): Promise<void>;
  forget(id: string): Promise<void>;
  /** Runs `work` when no other work on this container runs. */
  locked<T>(id: string, work: () => Promise<T>): Promise<T>;
}

/** Reads the shelf. Records that were being removed are returned apart: nobody finds them. */
export async function openBook(
  shelf: Shelf<ContainerRecord>,
): Promise<{ book: Book; leaving: ContainerRecord[] }> {
  const found = await shelf.all();
  const leaving = found.filter(({ state }) => state.status === "removing");
  const byId = new Map<string, ContainerRecord>();
  const byName = new Map<string, ContainerRecord>();
  for (const record of found) {
    if (record.state.status === "removing") continue;
    byId.set(record.id, record);
    byName.set(record.name, record);
  }
  const lock = createKeyedLock();

  function find(ref: string): ContainerRecord {
    const name = ref.startsWith("/") ? ref.slice(1) : ref;
    const exact = byId.get(ref) ?? byName.get(name);
    if (exact !== undefined) return exact;
    let begun: ContainerRecord | undefined;
    if (/^[0-9a-f]+$/.test(ref))
      for (const record of byId.values()) {
        if (!record.id.startsWith(ref)) continue;
        if (begun !== undefined)
          throw new AppError("engine-invalid", `Multiple IDs found with provided prefix: ${ref}`);
        begun = record;
      }
    if (begun === undefined)
      throw new AppError("engine-missing", `No such container: ${ref}`, { subject: ref });
    return begun;
  }

  function takeName(name: string, record: ContainerRecord): void {
    const other = byName.get(name);
    if (other !== undefined && other.id !== record.id)
      throw new AppError(
        "engine-conflict",
        `Conflict. The container name "/${name}" is already in use by container "${other.id}". ` +
          "You have to remove (or rename) that container to be able to reuse that name.",
      );
    byName.set(name, record);
  }

  const book: Book = {
    all: () => [...byId.values()],
    find,
    get: (id) => byId.get(id),
    add(record) {
      takeName(record.name, record);
      byId.set(record.id, record);
    },
    rename(record, name) {
      takeName(name, record);
      byName.delete(record.name);
      record.name = name;
    },
    hide(record) {
      byId.delete(record.id);
      if (byName.get(record.name) === record) byName.delete(record.name);
    },
    save: (record, lasting) => shelf.put(record, lasting),
    forget: (id) => shelf.remove(id),
    locked: (id, work) => lock.run(id, work),
    async change(ref, work) {
      const { id } = find(ref);
      return lock.run(id, async () => {
        // It may have gone while we waited.
        const record = find(id);
        try {
          return await work(record);
        } finally {
          if (byId.has(id)) await shelf.put(record, true);
        }
      });
    },
  };
  return { book, leaving };
}
