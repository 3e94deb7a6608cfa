import type { ContainerRecord } from "#core/engine/container.ts";
import type { Filters } from "#core/engine/filters.ts";
import { AppError } from "#core/errors.ts";
import { hasLabel } from "../labels.ts";
import { timeOf } from "../times.ts";

/** What a filter needs to know beside the record. */
export interface FilterParts {
  find(ref: string): ContainerRecord;
  /** The image that a name or id means, and those built on it; undefined: there is none. */
  descendsFrom(record: ContainerRecord, ancestor: string): boolean;
}

type Test = (record: ContainerRecord, value: string, parts: FilterParts) => boolean;

const statuses = ["created", "restarting", "running", "removing", "paused", "exited", "dead"];

/** Docker Engine API "ContainerList", filters. */
const tests: Readonly<Record<string, Test>> = {
  id: ({ id }, value) => id.startsWith(value) || matches(id, value),
  name: ({ name }, value) => matches(name, value) || matches(`/${name}`, value),
  label: ({ config }, value) => hasLabel(config.Labels, value),
  "label!": ({ config }, value) => !hasLabel(config.Labels, value),
  status: ({ state }, value) => state.status === value,
  exited: ({ state }, value) => state.status === "exited" && state.exitCode === Number(value),
  health: ({ state }, value) => (state.health?.status ?? "none") === value,
  ancestor: (record, value, { descendsFrom }) => descendsFrom(record, value),
  before: (record, value, { find }) => timeOf(record.created) < timeOf(find(value).created),
  since: (record, value, { find }) => timeOf(record.created) > timeOf(find(value).created),
  volume: ({ mounts }, value) =>
    mounts.some(({ name, destination }) => name === value || destination === value),
  network: ({ endpoints }, value) =>
    Object.entries(endpoints).some(
      ([name, { networkId }]) => name === value || (value !== "" && networkId.startsWith(value)),
    ),
  publish: ({ ports, host }, value) =>
    portsOf(value).some(
      (port) =>
        ports.some((one) => String(one.hostPort) === port.number || one.port === port.text) ||
        port.text in host.PortBindings,
    ),
  expose: ({ config }, value) => portsOf(value).some(({ text }) => config.ExposedPorts?.[text] !== undefined),
  isolation: () => true,
  "is-task": (_, value) => /^(0|false)$/i.test(value),
};

/** Throws engine-invalid for a filter or value that there is not. */
export function checkFilters(filters: Filters, known: readonly string[] = Object.keys(tests)): void {
  for (const [key, values] of filters) {
    if (!known.includes(key)) throw new AppError("engine-invalid", `invalid filter '${key}'`);
    for (const value of values) {
      if (key === "status" && !statuses.includes(value))
        throw new AppError("engine-invalid", `invalid filter 'status=${value}'`);
      if (key === "exited" && !/^-?\d+$/.test(value))
        throw new AppError("engine-invalid", `invalid filter 'exited=${value}'`);
      if (key === "health" && !["starting", "healthy", "unhealthy", "none"].includes(value))
        throw new AppError("engine-invalid", `invalid filter 'health=${value}'`);
    }
  }
}

export function passes(record: ContainerRecord, filters: Filters, parts: FilterParts): boolean {
  for (const [key, values] of filters) {
    const test = tests[key];
    if (test === undefined || values.length === 0) continue;
    const all = key.startsWith("label");
    const met = all
      ? values.every((value) => test(record, value, parts))
      : values.some((value) => test(record, value, parts));
    if (!met) return false;
  }
  return true;
}

/** As docker: a part of the name, or a regular expression. A hostile one is only looked for as text. */
function matches(text: string, pattern: string): boolean {
  if (text.includes(pattern)) return true;
  // What is repeated in a repetition, or too often, takes for ever.
  if (pattern.length > 200 || /\)[+*?{]/.test(pattern) || (pattern.match(/[+*?{]/g)?.length ?? 0) > 3)
    return false;
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

/** `80`, `80/udp`, `8000-8010/tcp` */
function portsOf(value: string): { number: string; text: string }[] {
  const [, from = "", to = from, protocol = "tcp"] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(value) ?? [];
  const last = Math.min(Number(to), Number(from) + 65_535);
  const ports = [];
  for (let port = Number(from); from !== "" && port <= last; port++)
    ports.push({ number: String(port), text: `${port}/${protocol}` });
  return ports;
}
