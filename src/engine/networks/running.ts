import type { ContainerRecord, Endpoint } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import type { Connected, ConnectionParts, Connections } from "./connections.ts";
import type { FileTexts } from "./file-texts.ts";
import { linkedContainers } from "./links.ts";
import { defaultNetwork, inOrder } from "./network-mode.ts";

/** What a start and an end of a container do about networks. */
export function createRunning(parts: ConnectionParts & { connections: Connections; files: FileTexts }) {
  const { networking, containers, folders, book, connections, files, report } = parts;
  /** Ports are led to a container while its process is being made: what `plug` waits for. */
  const publishing = new Map<string, Promise<void>>();

  /** Containers whose connecting was told. */
  const told = new Set<string>();

  /** Under the network's name, whatever the client called it. */
  function renamed(record: ContainerRecord, ref: string, name: string): void {
    if (ref === name) return;
    record.endpoints = Object.fromEntries(
      Object.entries(record.endpoints).map(([key, endpoint]) => [key === ref ? name : key, endpoint]),
    );
    if (record.host.NetworkMode === ref) record.host.NetworkMode = name;
  }

  function checkLinks(record: ContainerRecord): void {
    if (!Object.hasOwn(record.endpoints, defaultNetwork)) return;
    for (const { alias, other } of linkedContainers(record, containers)) {
      if (other.state.status !== "running" && other.state.status !== "paused")
        throw new AppError(
          "engine-failed",
          `Cannot link to a non running container: /${other.name} AS /${record.name}/${alias}`,
        );
    }
  }

  /** Those that have this container in their hosts file get its new address. */
  async function tellLinkers(record: ContainerRecord): Promise<void> {
    if (!record.endpoints[defaultNetwork]?.now) return;
    for (const other of containers.all()) {
      if (other.host.Links.length === 0 || other.state.pid === 0 || other.id === record.id) continue;
      if (!linkedContainers(other, containers).some((link) => link.other.id === record.id)) continue;
      await folders.write(other.id, { hosts: (await files.files(other)).hosts });
    }
  }

  async function unplug(record: ContainerRecord): Promise<void> {
    const connected = connections.connected(record);
    const plugged = told.delete(record.id);
    for (const { network } of connected) networking.removeNames(network, record.id);
    const settled = publishing.get(record.id);
    publishing.delete(record.id);
    await settled?.catch(() => undefined);
    // The kernel takes a dead namespace's interfaces away much later, and another container may share this one: an
    // address is free once nobody can answer at it any more.
    const work = [
      connections.release(record),
      ...connected.map(({ now }) => networking.unplug(now, record.state.pid)),
    ];
    const results = await Promise.allSettled(work);
    for (const endpoint of Object.values(record.endpoints))
      if (endpoint.now) connections.leave(record, endpoint);
    record.ports = [];
    if (plugged) for (const { network } of connected) connections.tell("disconnect", network, record.id);
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  function publish(record: ContainerRecord, to: Connected): Promise<void> {
    return networking.publish(record.id, to.network, to.now, record.ports);
  }

  /** After a restart of the engine: the container runs, with what its record says. */
  async function adopt(record: ContainerRecord): Promise<void> {
    told.add(record.id);
    for (const one of connections.connected(record)) connections.setNames(record, one);
    const to = connections.outward(record);
    if (!to || record.ports.length === 0) return;
    const ports = record.ports;
    await connections.reserve(record, to, ports).catch((error: unknown) => {
      // Somebody else took the port meanwhile. The firewall still leads what comes to it to the container.
      record.ports = ports;
      report?.(error, `container ${record.id} doesn't hold its ports any more`);
    });
    await publish(record, to);
  }

  return {
    adopt,
    publish,
    tellLinkers,
    unplug,
    async prepare(record: ContainerRecord): Promise<void> {
      checkLinks(record);
      try {
        const entered: Promise<Connected>[] = [];
        for (const ref of inOrder(record)) {
          const endpoint: Endpoint | undefined = record.endpoints[ref];
          if (!endpoint) continue;
          // A stopped container's network may have been made anew under its name.
          const network = book.find(ref);
          renamed(record, ref, network.name);
          entered.push(connections.enter(record, network, endpoint));
        }
        const results = await Promise.allSettled(entered);
        const failed = results.find((result) => result.status === "rejected");
        if (failed) throw failed.reason;
        const to = connections.outward(record);
        if (to) await connections.reserve(record, to);
        if (to && record.ports.length > 0) {
          const done = publish(record, to);
          done.catch(() => undefined);
          publishing.set(record.id, done);
        }
      } catch (error) {
        await unplug(record).catch(() => undefined);
        throw error;
      }
    },
    async plug(record: ContainerRecord, pid: number): Promise<void> {
      const to = connections.outward(record);
      const all = connections.connected(record);
      for (const one of all) {
        if (one.network.driver === "bridge")
          await networking.plug(one.network, one.now, pid, one.network.id === to?.network.id);
        connections.setNames(record, one);
      }
      await publishing.get(record.id);
      publishing.delete(record.id);
      told.add(record.id);
      for (const { network } of all) connections.tell("connect", network, record.id);
      await tellLinkers(record);
    },
  };
}

export type Running = ReturnType<typeof createRunning>;
