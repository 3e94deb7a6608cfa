import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createContainerFolders } from "#adapters/container-folders/container-folders.ts";
import { openEngineRecords } from "#adapters/engine-records/engine-records.ts";
import { createLinuxNetworking } from "#adapters/linux-network/linux-network.ts";
import type { ContainerConfig, HostConfig } from "#core/engine/container-config.ts";
import type { ContainerRecord } from "#core/engine/container.ts";
import type { EngineEvent } from "#core/engine/event.ts";
import { AppError } from "#core/errors.ts";
import { createNetworks } from "#engine/networks/networks.ts";
import { namespace, raiseLoopback, type Namespace } from "./fake-host.ts";
import { someId } from "./network-parts.ts";
import { sampleRecord } from "./sample-container.ts";

/** The networks' service with its real adapters, and containers that are only network namespaces. */
export async function networked(context: TestContext, place?: string) {
  await raiseLoopback();
  const folder = place ?? (await mkdtemp(join(tmpdir(), "berth-networks-")));
  if (place === undefined) context.after(() => rm(folder, { recursive: true, force: true }));
  const resolvConf = join(folder, "resolv.conf");
  if (place === undefined) await writeFile(resolvConf, "nameserver 127.0.0.1\n");
  const records = await openEngineRecords(folder);
  const networking = createLinuxNetworking({ resolvConf });
  const folders = createContainerFolders(join(folder, "containers"));
  const events: Omit<EngineEvent, "time">[] = [];
  const containers: ContainerRecord[] = [];

  function find(ref: string): ContainerRecord {
    const found = containers.find(({ id, name }) => name === ref || id.startsWith(ref));
    if (!found) throw new AppError("engine-missing", `No such container: ${ref}`);
    return found;
  }

  const networks = createNetworks({
    records: records.networks,
    networking,
    folders,
    containers: { all: () => containers, find, change: (ref, work) => work(find(ref)) },
    events: { emit: (event) => void events.push(event) },
    clock: () => Date.now(),
    newId: someId,
  });

  /** As create does. */
  async function created(
    name: string,
    host: Partial<HostConfig> = {},
    endpoints: Record<string, unknown> = {},
    config: Partial<ContainerConfig> = {},
  ): Promise<ContainerRecord> {
    const id = someId();
    const record = sampleRecord({
      id,
      name,
      ports: [],
      host: { PortBindings: {}, NetworkMode: "bridge", ...host },
      config: { Hostname: id.slice(0, 12), ExposedPorts: {}, ...config },
      endpoints: {},
      state: { status: "created", pid: 0 },
    });
    record.endpoints = networks.requested(record.host, { EndpointsConfig: endpoints });
    containers.push(record);
    await folders.make(id);
    return record;
  }

  /** As start does. */
  async function started(record: ContainerRecord): Promise<Namespace> {
    const [space] = await Promise.all([namespace(context), networks.prepare(record)]);
    try {
      await folders.write(record.id, await networks.files(record));
      await networks.plug(record, space.pid);
    } catch (error) {
      await networks.unplug(record);
      throw error;
    }
    record.state = { ...record.state, status: "running", pid: space.pid };
    return space;
  }

  return {
    folder,
    networks,
    networking,
    folders,
    events,
    containers,
    created,
    started,
    run: async (...of: Parameters<typeof created>) => {
      const record = await created(...of);
      return { record, space: await started(record) };
    },
    async stopped(record: ContainerRecord) {
      record.state = { ...record.state, status: "exited", pid: 0 };
      await networks.unplug(record);
    },
    [Symbol.asyncDispose]: async () => {
      await networking[Symbol.asyncDispose]();
      await records[Symbol.asyncDispose]();
    },
  };
}

export type Networked = Awaited<ReturnType<typeof networked>>;

/** What a name server says, as JSON: asked from inside a namespace. @param kind A, AAAA, PTR … */
export async function asked(from: Namespace, server: string, name: string, kind = "A"): Promise<unknown> {
  const script = `
    const resolver = new (require("dns").promises.Resolver)({ timeout: 5000, tries: 1 });
    resolver.setServers([process.argv[1]]);
    const ask = process.argv[3] === "PTR" ? resolver.reverse(process.argv[2]) : resolver.resolve(process.argv[2], process.argv[3]);
    ask.then((all) => console.log(JSON.stringify(all.sort())), (error) => console.log(JSON.stringify(error.code)));`;
  return JSON.parse(await from.run(process.execPath, "-e", script, server, name, kind)) as unknown;
}
