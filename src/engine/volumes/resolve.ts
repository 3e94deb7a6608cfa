import type { ContainerConfig, HostConfig, MountRequest } from "#core/engine/container-config.ts";
import type { MountPoint } from "#core/engine/container.ts";
import type { VolumeStore } from "#core/engine/volume-store.ts";
import { AppError } from "#core/errors.ts";
import { cleanPath } from "../clean-path.ts";
import type { ContainerLookup } from "../container-lookup.ts";
import { tmpfsOptions } from "../tmpfs-options.ts";
import { checkMount, tmpfsOf } from "./check-mount.ts";
import type { InUse } from "./in-use.ts";
import { checkTarget, readBind } from "./read-bind.ts";
import { reservedIn } from "./reserved.ts";
import { mountsFrom } from "./volumes-from.ts";
import type { VolumeBook } from "./volume-book.ts";

/** What a container that is being made wants mounted. */
export interface MountOrder {
  containerId: string;
  host: Pick<HostConfig, "Binds" | "Mounts" | "VolumesFrom" | "Tmpfs" | "VolumeDriver">;
  config: Pick<ContainerConfig, "Volumes">;
}

export interface ResolveParts {
  book: VolumeBook;
  inUse: InUse;
  store: VolumeStore;
  containers: Pick<ContainerLookup, "find">;
  /** Folders that no container may have: the engine's own, the registry's. */
  reservedPaths: readonly string[];
  /** 64 hex digits. */
  newId(): string;
}

type Wanted = MountRequest & { mode: string; fromBinds: boolean };

/**
 * Where everything comes from that will be mounted: --volumes-from, -v, --mount, and a new volume for each path that
 * image or client want one at and nothing else covers. --tmpfs stays in the host config: it has no source. All is checked
 * before the first volume is made. Throws engine-invalid, in docker's words; engine-missing for a volume driver.
 */
export async function resolveMounts(parts: ResolveParts, order: MountOrder): Promise<MountPoint[]> {
  const { book, inUse, store, reservedPaths } = parts;
  const { containerId, host, config } = order;
  const inherited = mountsFrom(host.VolumesFrom, parts.containers);
  const points = new Map(inherited.map((mount) => [mount.destination, mount]));
  const wanted = collect(host);
  for (const mount of wanted.values()) checkMount(mount);
  for (const mount of wanted.values())
    if (mount.Type !== "volume") points.set(mount.Target, await unmanaged(mount));
  const made: string[] = [];
  try {
    for (const mount of wanted.values())
      if (mount.Type === "volume") points.set(mount.Target, await volumeFor(mount, false));
    const tmpfs = new Set(Object.keys(host.Tmpfs).map(cleanPath));
    for (const text of Object.keys(config.Volumes ?? {})) {
      const Target = cleanPath(text);
      if (Target === "/" || points.has(Target) || tmpfs.has(Target)) continue;
      const plain: Wanted = { Type: "volume", Source: "", Target, mode: "", fromBinds: false };
      points.set(Target, await volumeFor(plain, true));
    }
    for (const { type, name } of points.values())
      if (type === "volume" && name !== undefined) inUse.hold(containerId, name);
  } catch (error) {
    inUse.drop(containerId);
    for (const name of made) await book.remove(name).catch(() => undefined);
    throw error;
  }
  // As they were named.
  const places = new Set([
    ...inherited.map(({ destination }) => destination),
    ...wanted.keys(),
    ...points.keys(),
  ]);
  return [...places].flatMap((place) => points.get(place) ?? []);

  /** Bind or tmpfs. */
  async function unmanaged(mount: Wanted): Promise<MountPoint> {
    const { Type, Source, Target, ReadOnly, mode, BindOptions } = mount;
    const rw = ReadOnly !== true;
    if (Type === "tmpfs")
      return {
        type: "tmpfs",
        source: "",
        destination: Target,
        mode: "",
        rw,
        propagation: "",
        options: tmpfsOf(mount),
      };
    const source = cleanPath(Source);
    const fault = (why: string) =>
      new AppError("engine-invalid", `invalid mount config for type "bind": ${why}`);
    // With -v it is made when the container starts.
    if (
      !mount.fromBinds &&
      BindOptions?.CreateMountpoint !== true &&
      (await store.hostPath(source)) === undefined
    )
      throw fault(`bind source path does not exist: ${source}`);
    const holds = (await reservedIn(store, source, reservedPaths)) === "holds";
    const asked = BindOptions?.Propagation ?? "";
    if (holds && asked !== "" && !/^r?(slave|shared)$/.test(asked))
      throw fault(
        `must use either propagation mode "rslave" or "rshared" when mount source is above the engine's own folders: ${source}`,
      );
    return {
      type: "bind",
      source,
      destination: Target,
      mode,
      rw,
      propagation: asked || (holds ? "rslave" : "rprivate"),
      ...(BindOptions?.NonRecursive === true && { nonRecursive: true }),
    };
  }

  async function volumeFor(mount: Wanted, ofConfig: boolean): Promise<MountPoint> {
    const { Source, Target, ReadOnly, VolumeOptions, mode } = mount;
    const anonymous = Source === "";
    const name = anonymous ? parts.newId() : Source;
    // Held first: a prune at this moment would take it.
    inUse.hold(containerId, name);
    const byMount = !mount.fromBinds && !ofConfig;
    await book.ensure({
      name,
      driver: byMount ? (VolumeOptions?.DriverConfig?.Name ?? "") : host.VolumeDriver,
      labels: VolumeOptions?.Labels ?? {},
      options: VolumeOptions?.DriverConfig?.Options ?? {},
      anonymous,
      withContainer: anonymous,
    });
    if (anonymous) made.push(name);
    return {
      type: "volume",
      name,
      source: store.path(book.find(name) ?? missing(name)),
      destination: Target,
      driver: "local",
      // As dockerd shows named ones; SELinux, which it is for, has nothing to do with it.
      mode: ofConfig ? mode : mode || "z",
      rw: ReadOnly !== true,
      propagation: "",
      ...(VolumeOptions?.NoCopy !== true && { copyUp: true }),
      ...(anonymous && { anonymous: true }),
    };
  }
}

/** -v and --mount by their targets, each target once, together with --tmpfs. */
function collect(host: MountOrder["host"]): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  const add = (mount: Wanted) => {
    if (wanted.has(mount.Target))
      throw new AppError("engine-invalid", `Duplicate mount point: ${mount.Target}`);
    wanted.set(mount.Target, mount);
  };
  for (const text of host.Binds) add({ ...readBind(text), fromBinds: true });
  for (const mount of host.Mounts) {
    checkMount(mount);
    add({ ...mount, Target: cleanPath(mount.Target), mode: "", fromBinds: false });
  }
  const targets = new Set(wanted.keys());
  for (const [text, options] of Object.entries(host.Tmpfs)) {
    checkTarget(text, (why) => new AppError("engine-invalid", why));
    tmpfsOptions(options);
    const target = cleanPath(text);
    if (targets.has(target)) throw new AppError("engine-invalid", `Duplicate mount point: ${target}`);
    targets.add(target);
  }
  return wanted;
}

function missing(name: string): never {
  throw new AppError("engine-missing", `get ${name}: no such volume`);
}
