import type { EngineEvent } from "#core/engine/event.ts";
import type { Filters } from "#core/engine/filters.ts";
import { AppError } from "#core/errors.ts";
import { hasLabel } from "../labels.ts";

type Test = (event: EngineEvent, value: string) => boolean;

const of =
  (type: EngineEvent["type"]): Test =>
  (event, value) =>
    event.type === type &&
    (event.id.startsWith(value) ||
      event.attributes["name"] === value ||
      event.attributes["container"] === value);

/** Docker Engine API "SystemEvents", filters. */
const tests: Readonly<Record<string, Test>> = {
  container: (event, value) =>
    of("container")(event, value) ||
    (event.type === "network" && event.attributes["container"]?.startsWith(value) === true),
  daemon: of("daemon"),
  image: (event, value) =>
    of("image")(event, value) || imageOf(event) === value || imageOf(event)?.split(":")[0] === value,
  network: of("network"),
  volume: of("volume"),
  type: (event, value) => event.type === value,
  event: (event, value) => event.action === value || event.action.startsWith(`${value}:`),
  label: (event, value) => hasLabel(event.attributes, value),
  scope: (_, value) => value === "local",
  plugin: () => false,
  service: () => false,
  node: () => false,
  secret: () => false,
  config: () => false,
};

/** Throws engine-invalid for a filter that there is not. */
export function checkEventFilters(filters: Filters): void {
  for (const key of filters.keys())
    if (!Object.hasOwn(tests, key)) throw new AppError("engine-invalid", `invalid filter '${key}'`);
}

export function passesEvent(event: EngineEvent, filters: Filters): boolean {
  for (const [key, values] of filters) {
    const test = tests[key];
    if (test === undefined || values.length === 0) continue;
    const met =
      key === "label"
        ? values.every((value) => test(event, value))
        : values.some((value) => test(event, value));
    if (!met) return false;
  }
  return true;
}

function imageOf({ type, attributes }: EngineEvent): string | undefined {
  return type === "container" ? attributes["image"] : undefined;
}
