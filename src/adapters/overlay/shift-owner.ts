import type { IdRange } from "#core/engine/id-range.ts";
import { AppError } from "#core/errors.ts";
import { shown } from "./tar/layer-invalid.ts";
import type { UnpackEntry } from "./tar/unpack-entry.ts";

/** The owner that an entry gets on this machine. Throws engine-invalid for one that has no id here. */
export function shiftOwner(entry: UnpackEntry, ids: IdRange | undefined): void {
  if (ids === undefined || entry.kind === "whiteout" || entry.kind === "opaque") return;
  entry.uid = onHost("user", entry.uid, entry.path, ids);
  entry.gid = onHost("group", entry.gid, entry.path, ids);
}

function onHost(what: string, id: number, path: string, { first, count }: IdRange): number {
  if (id < count) return first + id;
  throw new AppError(
    "engine-invalid",
    `Container ID ${id} cannot be mapped to a host ID: ${shown(path)} belongs to ${what} ${id}, ` +
      `and engine.userns_remap has the ids below ${count}; give it more, such as ${first}:${id + 1}`,
  );
}
