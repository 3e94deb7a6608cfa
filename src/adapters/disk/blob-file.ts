import { resolve } from "node:path";
import type { Location } from "#core/blob-store.ts";
import { createLayout } from "./layout.ts";

/** The file of a blob in the disk store at `path`; undefined for what is no location of a disk store. */
export function blobFile(path: string, location: Location): string | undefined {
  try {
    return createLayout(resolve(path)).blobPath(location);
  } catch {
    return undefined;
  }
}
