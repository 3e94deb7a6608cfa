import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import type { Mirror } from "#core/metadata/cached-content.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { app, unseen } from "./warm-wanted.ts";

/** Real metadata in a folder of its own. */
export async function openMirrors(): Promise<{ metadata: Metadata } & AsyncDisposable> {
  const folder = tempFolder();
  const metadata = await openSqliteMetadata({ path: folder.file("berth.db"), migrationsDir: migrations });
  return {
    metadata,
    async [Symbol.asyncDispose]() {
      await metadata[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

export function mirrorOf(over: Partial<Mirror> = {}): Mirror {
  return {
    name: app,
    tags: ["v*"],
    platforms: [],
    referrers: false,
    every: 3_600_000,
    syncedAt: undefined,
    fault: undefined,
    ...over,
  };
}

/** Told of nothing. */
export const unseenImages = { ...unseen, images: () => undefined, image: () => undefined };
