import type { ContainerRecord } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import { makeName } from "../create/name-maker.ts";
import { readContainer } from "../create/read-container.ts";
import { checkName } from "../create/read-name.ts";
import { timeText } from "#kit/nano-time.ts";
import { emitContainer } from "./emit.ts";
import type { ContainersParts } from "./parts.ts";
import { fresh } from "./states.ts";
import type { WarmRoots } from "./warm-roots.ts";

/** Names are tried so often before an id is made part of one. */
const attempts = 20;

/** Docker Engine API "ContainerCreate". */
export function createCreate(parts: ContainersParts, warm: Pick<WarmRoots, "begin">) {
  const { book, images, networks, volumes, snapshots, folders, runtime, events, settings } = parts;

  return async (
    query: { name: string; platform: string },
    body: Record<string, unknown>,
  ): Promise<{ id: string; warnings: string[] }> => {
    const name = query.name.startsWith("/") ? query.name.slice(1) : query.name;
    if (query.name !== "") checkName(name);
    const ref = body["Image"];
    if (typeof ref !== "string" || ref === "")
      throw new AppError("engine-invalid", "no image was named: say which image the container is made of");
    const { image } = await images.forContainer(ref, query.platform);
    const read = readContainer(body, image, runtime.facts, { remapped: settings.remapped });
    const { config, host, networking, warnings, path, args } = read;
    joinOthers(host);
    for (const { name: Name, soft: Soft, hard: Hard } of settings.ulimits)
      if (!host.Ulimits.some((one) => one.Name === Name)) host.Ulimits.push({ Name, Soft, Hard });
    const id = parts.newId();
    const joined = /^container:(.*)$/.exec(host.NetworkMode)?.[1];
    if (joined !== undefined) config.Hostname = look(joined)?.config.Hostname ?? "";
    if (config.Hostname === "")
      config.Hostname =
        host.NetworkMode === "host" || host.UTSMode === "host" ? settings.hostName : id.slice(0, 12);
    const record: ContainerRecord = {
      id,
      name: name === "" ? freeName(id) : name,
      created: timeText(parts.now()),
      image: image.id,
      layers: image.layers ?? [],
      platform: image.config.os,
      config,
      host,
      path,
      args,
      mounts: [],
      endpoints: networks.requested(host, networking),
      ports: [],
      state: { ...fresh },
      restarts: 0,
      stoppedByHand: false,
    };
    // Before anything is made, so that of two with one name only one is.
    book.add(record);
    // Who finds it by its name meanwhile, to start or remove it, waits until it is whole.
    await book.locked(id, () => make(record));
    emitContainer(events, record, "create");
    return { id, warnings };
  };

  async function make(record: ContainerRecord): Promise<void> {
    const { id, host, config } = record;
    try {
      record.mounts = await volumes.resolve({
        containerId: id,
        host,
        config,
      });
      await folders.make(id);
      await snapshots.prepare(id, record.layers);
      await Promise.all([volumes.keep(record.mounts), book.save(record, true)]);
      warm.begin(record);
    } catch (error) {
      book.hide(record);
      await Promise.allSettled([snapshots.remove(id), folders.remove(id), volumes.release(record, true)]);
      throw error;
    }
  }

  /**
   * `container:NAME` becomes its id, for names change. Who isn't there is missed at the start, as with dockerd; a 404
   * here would make clients pull the image.
   */
  function joinOthers(host: ContainerRecord["host"]): void {
    for (const key of ["NetworkMode", "IpcMode", "PidMode"] as const) {
      const [kind, other = ""] = host[key].split(/:(.*)/s);
      const found = kind === "container" ? look(other) : undefined;
      if (found !== undefined) host[key] = `container:${found.id}`;
    }
    for (const link of host.Links) {
      const [name = ""] = link.split(":");
      if (look(name) === undefined)
        throw new AppError(
          "engine-invalid",
          `could not get container for ${name}: No such container: ${name}`,
        );
    }
  }

  function look(ref: string): ContainerRecord | undefined {
    try {
      return book.find(ref);
    } catch {
      return undefined;
    }
  }

  function freeName(id: string): string {
    const taken = new Set(book.all().map((record) => record.name));
    for (let attempt = 0; attempt < attempts; attempt++) {
      const made = makeName();
      if (!taken.has(made)) return made;
    }
    return `${makeName()}_${id.slice(0, 12)}`;
  }
}
