import type { ContainerRecord } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import type { ConnectionParts, Connections } from "./connections.ts";
import type { FileTexts } from "./file-texts.ts";
import { endpointIn } from "./network-book.ts";
import { modeOf, sharesOther } from "./network-mode.ts";
import { object, text, truth, type Json } from "./read-json.ts";
import { aloneFault } from "./requested.ts";
import { requestedEndpoint } from "./requested-endpoint.ts";
import type { Running } from "./running.ts";

/** `network connect` and `disconnect`, of containers that run (at once) or don't (for their next start). */
export function createMembership(
  parts: ConnectionParts & { connections: Connections; running: Running; files: FileTexts },
) {
  const { networking, containers, folders, book, connections, running, files } = parts;

  const runs = ({ state }: ContainerRecord) => state.status === "running" || state.status === "paused";

  async function rewrite(record: ContainerRecord): Promise<void> {
    await folders.write(record.id, await files.files(record));
    await running.tellLinkers(record);
  }

  function checkModes(record: ContainerRecord, driver: string): void {
    const mode = modeOf(record.host.NetworkMode);
    if (mode === "host" || driver === "host") throw aloneFault("host");
    if (sharesOther(mode))
      throw new AppError(
        "engine-invalid",
        "container sharing network namespace with another container or host cannot be connected to any other network",
      );
    if ((mode === "none" && Object.hasOwn(record.endpoints, "none")) || driver === "null")
      throw aloneFault("none");
  }

  async function connect(ref: string, body: Json): Promise<void> {
    const container = text(body.Container, "Container");
    const wanted = requestedEndpoint(object(body.EndpointConfig, "EndpointConfig"));
    await containers.change(container, async (record) => {
      const network = book.find(ref);
      checkModes(record, network.driver);
      if (!runs(record)) {
        record.endpoints[network.name] = { ...wanted, networkId: network.id };
        return;
      }
      if (endpointIn(record, network))
        throw new AppError(
          "engine-forbidden",
          `endpoint with name ${record.name} already exists in network ${network.name}`,
        );
      const before = connections.outward(record);
      record.endpoints[network.name] = wanted;
      try {
        const one = await connections.enter(record, network, wanted);
        const leads = !before && connections.outward(record)?.network.id === network.id;
        if (leads) await connections.reserve(record, one);
        await networking.plug(network, one.now, record.state.pid, leads);
        if (record.ports.length > 0 && leads) await running.publish(record, one);
        connections.setNames(record, one);
      } catch (error) {
        if (!before) await connections.release(record).catch(() => undefined);
        networking.removeNames(network, record.id);
        if (wanted.now) await networking.unplug(wanted.now, record.state.pid).catch(() => undefined);
        connections.leave(record, wanted);
        delete record.endpoints[network.name];
        throw error;
      }
      connections.tell("connect", network, record.id);
      await rewrite(record);
    });
  }

  async function disconnect(ref: string, body: Json): Promise<void> {
    const container = text(body.Container, "Container");
    const force = truth(body.Force, "Force");
    const known = book.look(ref);
    // By force also what is left of a network that is gone.
    if (!known && !force) book.find(ref);
    await containers.change(container, async (record) => {
      const name = known?.name ?? ref;
      const endpoint = Object.hasOwn(record.endpoints, name) ? record.endpoints[name] : undefined;
      if (!endpoint)
        throw new AppError("engine-failed", `container ${record.id} is not connected to network ${name}`);
      if (runs(record) && modeOf(record.host.NetworkMode) === "host" && known?.driver === "host")
        throw aloneFault("host");
      const now = endpoint.now;
      if (!known || !now || !runs(record)) {
        if (now) connections.leave(record, endpoint);
        delete record.endpoints[name];
        return;
      }
      const led = connections.outward(record)?.network.id === known.id;
      networking.removeNames(known, record.id);
      await networking.unplug(now, record.state.pid);
      // Its address is free once nothing leads to it any more.
      const left = { ...endpoint };
      delete record.endpoints[name];
      try {
        if (led) await leadElsewhere(record);
      } finally {
        connections.leave(record, left);
      }
      connections.tell("disconnect", known, record.id);
      await rewrite(record);
    });
  }

  /** The network that had its default route and ports is gone: the next one gets them, if there is one. */
  async function leadElsewhere(record: ContainerRecord): Promise<void> {
    const next = connections.outward(record);
    if (!next) return connections.release(record);
    await networking.route(next.now, record.state.pid);
    if (record.ports.length > 0) await running.publish(record, next);
  }

  return { connect, disconnect };
}
