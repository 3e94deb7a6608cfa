/**
 * The engine put together: adapters → services → what the docker door calls. Owns the data folder for as long as it
 * runs; containers go on without it. records → book → restore (found again, swept) → ready.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname, release } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";
import { createMonitor } from "#adapters/conmon/monitor.ts";
import { createContainerFolders } from "#adapters/container-folders/container-folders.ts";
import { openEngineRecords } from "#adapters/engine-records/engine-records.ts";
import { createLinuxNetworking } from "#adapters/linux-network/linux-network.ts";
import { createLocalVolumes } from "#adapters/local-volumes/local-volumes.ts";
import { openRuntime } from "#adapters/oci-runtime/runtime.ts";
import { createOverlay } from "#adapters/overlay/overlay.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import { openBook } from "#engine/containers/book.ts";
import { createContainers } from "#engine/containers/containers.ts";
import type { ContainersParts } from "#engine/containers/parts.ts";
import { createWaiters } from "#engine/containers/waiters.ts";
import { createEventLog } from "#engine/events.ts";
import { createImages } from "#engine/images/images.ts";
import { createNetworks } from "#engine/networks/networks.ts";
import { createSystem } from "#engine/system/system.ts";
import { timeText } from "#kit/nano-time.ts";
import { createVolumes } from "#engine/volumes/volumes.ts";
import { createContainerNotes } from "#notify/container-notes.ts";
import type { DockerNeeds } from "#http/docker/needs.ts";
import { claimIds } from "./claim-ids.ts";
import { openRegistries } from "./open-registries.ts";
import { fetchUrl } from "./fetch-url.ts";
import { keepPlace } from "./keep-place.ts";
import { killProcess } from "./kill-process.ts";
import { liesOnOverlayfs } from "./lies-on-overlayfs.ts";
import { shortHash } from "./short-hash.ts";
import { createSpecSource } from "./spec-source.ts";
import { operatingSystem } from "./operating-system.ts";
import { whoMayChange } from "./who-may-change.ts";

export interface OpenEngine extends AsyncDisposable {
  needs: DockerNeeds;
}

/** Throws unavailable where this machine lacks a part, or another engine has the folder. */
export async function openEngine(config: Live<Config>, version: string, log: Logger): Promise<OpenEngine> {
  const { engine, data } = config.current;
  await using opened = new AsyncDisposableStack();
  if (await liesOnOverlayfs(engine.data))
    throw new AppError(
      "unavailable",
      `engine.data, ${engine.data}, lies on an overlayfs itself, where no container's root can be mounted: ` +
        "name a folder of a disk or volume",
    );
  await mkdir(engine.data, { recursive: true, mode: 0o711 });
  const other = await whoMayChange(engine.data);
  if (other !== undefined)
    log.warn(
      { user: other.uid, folder: other.at },
      "others than root can change this folder, and so become root by way of the engine: give engine.data another place",
    );
  const records = opened.use(await openEngineRecords(engine.data));
  const ids = engine.userns_remap;
  await claimIds(engine.data, records, ids);
  const id = await identityOf(engine.data);
  // Of each engine its own, short enough for the sockets in it.
  const owner = shortHash(engine.data);
  const runFolder = join(engine.run_folder, owner);
  await keepPlace(engine.data, engine.run_folder);
  // Where the socket is, too, whose group has to get in; what is the engine's alone lies below.
  await mkdir(engine.run_folder, { recursive: true, mode: 0o755 });
  await mkdir(runFolder, { recursive: true, mode: 0o700 });
  const cgroupParent = `/berth-${owner}`;
  const report = (err: unknown, what: string) => log.error({ err }, what);
  const now = createNanoClock();

  const folders = createContainerFolders(join(engine.data, "containers"), ids?.first);
  const found = opened.use(
    await openRuntime({
      runFolder,
      prefer: engine.runtime === "auto" ? undefined : engine.runtime,
      cgroupParent,
      log: (message) => log.info(message),
    }),
  );
  const runtime = { ...found, facts: { ...found.facts, init: engine.init ?? found.facts.init } };
  const monitor = opened.use(
    createMonitor({ runFolder, runtime, logPath: (container) => folders.files(container).log, report }),
  );
  const snapshots = await createOverlay({ folder: engine.data, ids });
  const networking = opened.use(createLinuxNetworking({ owner: `berth${owner}` }));
  const volumeStore = createLocalVolumes(join(engine.data, "volumes"), ids?.first);
  const { registries, content, appendEvents } = opened.use(
    await openRegistries({ config, engineId: id, dataFolder: engine.data, log }),
  );

  const onLost = () =>
    log.warn("the registry can't be reached for long: that containers started or exited goes untold");
  const notes = opened.use(createContainerNotes({ append: appendEvents, onLost }));
  const events = createEventLog(now, notes);
  const { book, leaving } = await openBook(records.containers);
  const newId = () => randomBytes(32).toString("hex");
  const clock = Date.now;
  const images = createImages({
    records,
    content,
    snapshots,
    registries,
    containers: book,
    events,
    clock,
    platform: { os: "linux", architecture: runtime.facts.architecture, variant: undefined },
    fetchUrl,
  });
  const networks = createNetworks({
    records: records.networks,
    networking,
    containers: book,
    events,
    clock,
    newId,
    folders,
    defaultBridge: `berth${owner}`,
    bridge: engine.bridge,
    dns: engine.dns,
    report,
  });
  const volumes = await createVolumes({
    records: records.volumes,
    store: volumeStore,
    snapshots,
    containers: book,
    events,
    now,
    newId,
    reservedPaths: [engine.data, data, engine.run_folder],
  });
  const remap = ids && [{ containerID: 0, hostID: ids.first, size: ids.count }];
  const source = createSpecSource({
    facts: runtime.facts,
    kernel: release(),
    folders,
    snapshots,
    containers: book,
    cgroupParent,
    remap: remap && { uids: remap, gids: remap },
  });
  const parts: ContainersParts = {
    book,
    waiters: createWaiters(),
    images,
    networks,
    volumes,
    snapshots,
    monitor,
    runtime,
    folders,
    spec: source.spec,
    unspec: source.unspec,
    userOf: source.userOf,
    events,
    now,
    newId,
    settings: {
      hostName: hostname(),
      layersFolder: join(engine.data, "layers"),
      ulimits: engine.default_ulimits,
      remapped: remap !== undefined,
      log: { maxSize: engine.log.max_size, maxFiles: engine.log.max_files },
    },
    report,
  };
  const { containers, execs, restore, settle, settled } = createContainers(
    parts,
    {
      process: source.process,
      kill: killProcess,
      filters: { descendsFrom: (record, ancestor) => images.descendsFrom(record, ancestor) },
    },
    leaving,
  );
  await images.restore();
  await restore();
  // Files that can't be removed (immutable, on a server that is away) must not keep all containers from their engine.
  const left = (err: unknown) => report(err, "what an engine before this one left can't be removed wholly");
  await images.sweep().catch(left);
  await volumeStore.sweep(new Set((await records.volumes.all()).map(({ name }) => name))).catch(left);
  await folders.sweep(new Set(book.all().map((record) => record.id))).catch(left);
  opened.defer(settle);
  const system = createSystem({
    identity: {
      id,
      version,
      facts: runtime.facts,
      dataFolder: engine.data,
      hostName: hostname(),
      kernel: release(),
      operatingSystem: await operatingSystem(),
      started: timeText(now()),
      warnings: [],
      remapped: ids !== undefined,
      registries: [...registries.ownHosts],
    },
    containers: book,
    listContainers: containers.list,
    listImages: (query) => images.list(query),
    volumes: () => volumes.usage(),
    layersSize: () => images.layerBytes(),
    events,
  });
  const running = opened.move();
  return {
    needs: {
      containers,
      execs,
      images,
      networks: {
        ...networks,
        remove: after(settled, networks.remove),
        prune: after(settled, networks.prune),
      },
      volumes: { ...volumes, remove: after(settled, volumes.remove), prune: after(settled, volumes.prune) },
      system,
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** `run --rm` is answered a moment before what the container had is free: who takes that away waits for it. */
function after<A extends unknown[], R>(
  settled: () => Promise<void>,
  work: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    await settled();
    return work(...args);
  };
}

/** ns since 1970 that never go back while this process runs. */
function createNanoClock(): () => bigint {
  const offset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  return () => process.hrtime.bigint() + offset;
}

/** The engine's name for ever: what it holds in the registry is known by it. */
async function identityOf(folder: string): Promise<string> {
  const file = join(folder, "engine-id");
  // One that can't be read now is no other one: what it holds would be nobody's.
  const known = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (/^[0-9a-f]{32}\n$/.test(known)) return known.trim();
  const made = randomBytes(16).toString("hex");
  await writeFile(file, `${made}\n`, { mode: 0o644, flush: true });
  return made;
}
