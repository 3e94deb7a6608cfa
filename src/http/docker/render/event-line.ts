import type { EngineEvent } from "#core/engine/event.ts";

const second = 1_000_000_000n;

/** Docker Engine API "EventMessage", as a line; compose reads the old status, id and from of containers and images. */
export function eventLine({ type, action, id, attributes, time }: EngineEvent): string {
  const old = type === "container" || type === "image";
  const message = {
    ...(old && { status: action, id }),
    ...(type === "container" && attributes.image !== undefined && { from: attributes.image }),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: "local",
    time: Number(time / second),
  };
  // More digits than a number of JavaScript holds.
  return `${JSON.stringify(message).slice(0, -1)},"timeNano":${time}}\n`;
}
