/**
 * Containers' folders on disk: `FOLDER/ID/` with hostname, hosts, resolv.conf and the log. Other adapters put the
 * bundle and the writable part beside them and take them away themselves.
 */
import { mkdirSync, realpathSync } from "node:fs";
import { chown, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerFolders } from "#core/engine/container-folders.ts";
import { AppError } from "#core/errors.ts";
import { storageError } from "#core/storage-error.ts";
import { mountsBelow } from "#kit/mounts-below.ts";
import { readHostFiles } from "./host-files.ts";
import { writeInPlace } from "./write-in-place.ts";

const containerId = /^[0-9a-f]{64}$/;

/**
 * @param folder the engine's `containers` folder; made where it isn't there. Errors: storage-failed, storage-full.
 * @param owner user and group of the files that are mounted: who root is in containers.
 */
export function createContainerFolders(folder: string, owner = 0): ContainerFolders {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const root = realpathSync(folder);

  function path(container: string): string {
    if (!containerId.test(container)) throw new Error(`"${container}" is no container's id`);
    return join(root, container);
  }

  function files(container: string) {
    const own = path(container);
    return {
      hostname: join(own, "hostname"),
      hosts: join(own, "hosts"),
      resolvConf: join(own, "resolv.conf"),
      log: join(own, `${container}-json.log`),
    };
  }

  async function remove(container: string): Promise<void> {
    const own = path(container);
    // A removal that goes through a mount would empty the user's own folders.
    if ((await mountsBelow(own)).length > 0) {
      throw new AppError(
        "engine-failed",
        `container ${container}: something is still mounted in ${own}; unmount it first`,
      );
    }
    await rm(own, { recursive: true, force: true });
  }

  return {
    path,
    files,
    make: (container) =>
      translated("The container's folder could not be made", async () => {
        // Others may pass, for containers in user namespaces have their root below.
        await mkdir(path(container), { mode: 0o711 });
        const { hostname, hosts, resolvConf } = files(container);
        await Promise.all(
          [hostname, hosts, resolvConf].map(async (file) => {
            await writeFile(file, "", { mode: 0o644 });
            if (owner !== 0) await chown(file, owner, owner);
          }),
        );
      }),
    write: (container, { hostname, hosts, resolvConf }) =>
      translated("The container's files could not be written", async () => {
        const at = files(container);
        const changed: [string, string | undefined][] = [
          [at.hostname, hostname],
          [at.hosts, hosts],
          [at.resolvConf, resolvConf],
        ];
        await Promise.all(
          changed.map(async ([file, text]) => {
            if (text !== undefined) await writeInPlace(file, text);
          }),
        );
      }),
    remove: (container) => translated("The container's folder could not be removed", () => remove(container)),
    hostFiles: () => translated("The host's network files could not be read", readHostFiles),
    sweep: (known) =>
      translated("Folders of former containers could not be removed", async () => {
        for (const name of await readdir(root)) {
          if (!containerId.test(name) || known.has(name)) continue;
          if ((await mountsBelow(join(root, name))).length > 0) continue;
          await rm(join(root, name), { recursive: true, force: true });
        }
      }),
  };
}

async function translated<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw storageError(error, what, "the engine");
  }
}
