import type { ContainerRecord } from "#core/engine/container.ts";
import type { Change, MountedAt, PathStat } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import { emitContainer } from "./emit.ts";
import { lookAgain } from "./look-again.ts";
import type { ContainersParts } from "./parts.ts";

/** What is in a container's root: diff, export, `docker cp`. It is mounted while somebody looks. */
export function createFiles({ book, snapshots, folders, events, userOf }: ContainersParts) {
  const raise = ({ id, layers }: ContainerRecord) => lookAgain(book, id, () => snapshots.mount(id, layers));

  /** What fails because it was removed meanwhile is told as that. */
  function unlessGone({ id }: ContainerRecord, error: unknown): never {
    if (book.get(id) === undefined) throw new AppError("engine-missing", `No such container: ${id}`);
    throw error;
  }

  async function look<T>(record: ContainerRecord, work: () => Promise<T>): Promise<T> {
    await raise(record);
    try {
      return await work();
    } catch (error) {
      return unlessGone(record, error);
    } finally {
      await snapshots.unmount(record.id);
    }
  }

  /** The root stays mounted until the bytes were read, or nobody reads on. */
  async function* whileMounted(
    record: ContainerRecord,
    body: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      unlessGone(record, error);
    } finally {
      await snapshots.unmount(record.id);
    }
  }

  async function stream<T extends { body: AsyncIterable<Uint8Array> }>(
    record: ContainerRecord,
    open: () => Promise<T>,
  ): Promise<T> {
    await raise(record);
    try {
      const opened = await open();
      return { ...opened, body: whileMounted(record, opened.body) };
    } catch (error) {
      await snapshots.unmount(record.id);
      return unlessGone(record, error);
    }
  }

  function mountsOf({ id, mounts }: ContainerRecord): MountedAt[] {
    const { hostname, hosts, resolvConf } = folders.files(id);
    const own = (source: string, destination: string) => ({ source, destination, rw: true });
    return [
      own(hostname, "/etc/hostname"),
      own(hosts, "/etc/hosts"),
      own(resolvConf, "/etc/resolv.conf"),
      ...mounts
        .filter(({ type }) => type !== "tmpfs")
        .map(({ source, destination, rw }) => ({ source, destination, rw })),
    ];
  }

  return {
    async changes(ref: string): Promise<Change[]> {
      const { id } = book.find(ref);
      return lookAgain(book, id, () => snapshots.changes(id));
    },
    async exportRoot(ref: string): Promise<AsyncIterable<Uint8Array>> {
      const record = book.find(ref);
      const { body } = await stream(record, async () => ({ body: await snapshots.exportRoot(record.id) }));
      emitContainer(events, record, "export");
      return body;
    },
    async statPath(ref: string, path: string): Promise<PathStat> {
      const record = book.find(ref);
      return look(record, () => snapshots.statPath(record.id, mountsOf(record), path)).catch(
        named(ref, path),
      );
    },
    async readPath(ref: string, path: string): Promise<{ stat: PathStat; body: AsyncIterable<Uint8Array> }> {
      const record = book.find(ref);
      const read = await stream(record, () => snapshots.readPath(record.id, mountsOf(record), path)).catch(
        named(ref, path),
      );
      emitContainer(events, record, "archive-path");
      return read;
    },
    async writePath(
      ref: string,
      path: string,
      body: AsyncIterable<Uint8Array>,
      options: { noOverwriteDirNonDir: boolean; copyOwner: boolean },
    ): Promise<void> {
      const record = book.find(ref);
      const { noOverwriteDirNonDir, copyOwner } = options;
      // `docker cp -a`: whoever the container runs as; else everything belongs to whom it did.
      const owner = copyOwner && record.config.User !== "" ? await userOf(record) : undefined;
      await look(record, () =>
        snapshots.writePath(record.id, mountsOf(record), path, body, {
          noOverwriteDirNonDir,
          keepOwner: true,
          ...(owner && { owner }),
          readOnlyRoot: record.host.ReadonlyRootfs,
        }),
      ).catch(named(ref, path));
      emitContainer(events, record, "extract-to-dir");
    },
  };
}

/** As docker words it. */
function named(ref: string, path: string) {
  return (error: unknown): never => {
    if (error instanceof AppError && error.code === "engine-missing")
      throw new AppError("engine-missing", `Could not find the file ${path} in container ${ref}`, {
        cause: error,
      });
    throw error;
  };
}
