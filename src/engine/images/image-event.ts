import type { EngineEvent } from "#core/engine/event.ts";
import type { ImageRecord } from "#core/engine/image.ts";

/** @param name what it was about; the image's id where none is given, as docker says it. */
export function imageEvent(
  action: string,
  image: ImageRecord,
  name: string = image.id,
): Omit<EngineEvent, "time"> {
  return { type: "image", action, id: image.id, attributes: { ...image.config.config.Labels, name } };
}
