import type { ContainerRecord } from "#core/engine/container.ts";

/** Whether a port of this container means anything now. */
function hasPorts({ state, host }: ContainerRecord): boolean {
  const live = state.status === "running" || state.status === "paused";
  return (
    live &&
    host.NetworkMode !== "host" &&
    host.NetworkMode !== "none" &&
    !host.NetworkMode.startsWith("container:")
  );
}

function portsOf(record: ContainerRecord): string[] {
  if (!hasPorts(record)) return [];
  const names = new Set([
    ...Object.keys(record.config.ExposedPorts ?? {}),
    ...Object.keys(record.host.PortBindings),
    ...record.ports.map(({ port }) => port),
  ]);
  return [...names].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1));
}

/** NetworkSettings.Ports: exposed ones that aren't published are null; nothing while it is stopped. */
export function portMap(record: ContainerRecord): Record<string, object[] | null> {
  return Object.fromEntries(
    portsOf(record).map((name) => {
      const bound = record.ports.filter(({ port }) => port === name);
      const told = bound.map(({ hostIp, hostPort }) => ({ HostIp: hostIp, HostPort: String(hostPort) }));
      return [name, told.length === 0 ? null : told];
    }),
  );
}

/** Ports in a list of containers. */
export function portList(record: ContainerRecord): object[] {
  return portsOf(record).flatMap((name) => {
    const [number = "", type = "tcp"] = name.split("/");
    const bound = record.ports.filter(({ port }) => port === name);
    const inside = { PrivatePort: Number(number) };
    if (bound.length === 0) return [{ ...inside, Type: type }];
    return bound.map(({ hostIp, hostPort }) => ({ IP: hostIp, ...inside, PublicPort: hostPort, Type: type }));
  });
}
