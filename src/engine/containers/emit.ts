import type { ContainerRecord } from "#core/engine/container.ts";
import type { EngineEvents } from "#core/engine/event.ts";

/** Says what happened to a container: with its image, name and labels, as docker does. */
export function emitContainer(
  events: EngineEvents,
  record: ContainerRecord,
  action: string,
  attributes: Record<string, string> = {},
): void {
  events.emit({
    type: "container",
    action,
    id: record.id,
    attributes: { ...record.config.Labels, image: record.config.Image, name: record.name, ...attributes },
  });
}
