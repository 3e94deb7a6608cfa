import type { Caller } from "#core/caller.ts";
import type { Clock } from "#core/clock.ts";
import type { LiveUpload } from "#core/live-upload.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { UploadBody } from "./upload-body.ts";
import type { Uploads } from "./uploads.ts";

/** What this process receives right now, for people to look at. Nothing else rests on it. */
export interface LiveUploads {
  now(): LiveUpload[];
  /** The same service; what it receives is seen here. */
  watching(uploads: Uploads): Uploads;
}

/** Between two bodies of one upload it is shown on for so long, ms. */
const lingers = 5_000;
const most = 1_000;

interface Entry extends LiveUpload {
  /** Bodies that come in. */
  receiving: number;
  touchedAt: number;
}

export function createLiveUploads(clock: Clock): LiveUploads {
  const entries = new Map<string, Entry>();

  function sweep(): void {
    const before = clock() - lingers;
    for (const [id, entry] of entries)
      if (entry.receiving === 0 && entry.touchedAt < before) entries.delete(id);
  }

  /** The body, counted as it comes. */
  function counted(caller: Caller, repository: RepositoryName, id: string, body: UploadBody): UploadBody {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      if (entries.size >= most) sweep();
      const entry = entries.get(id) ?? {
        id,
        repository,
        received: 0,
        startedAt: clock(),
        owner: caller.id,
        by: caller.kind === "anonymous" || caller.kind === "open" ? undefined : caller.name,
        receiving: 0,
        touchedAt: 0,
      };
      if (entries.size < most) entries.set(id, entry);
      if (body.start !== undefined) entry.received = body.start;
      entry.receiving++;
      try {
        for await (const chunk of body.chunks) {
          entry.received += chunk.length;
          yield chunk;
        }
      } finally {
        entry.receiving--;
        entry.touchedAt = clock();
      }
    }
    return body.length === 0 ? body : { ...body, chunks: chunks() };
  }

  return {
    now() {
      sweep();
      return [...entries.values()].map(
        ({ receiving: _receiving, touchedAt: _touchedAt, ...upload }) => upload,
      );
    },

    watching: (uploads) => ({
      ...uploads,
      append: (caller, repository, id, body) =>
        uploads.append(caller, repository, id, counted(caller, repository, id, body)),
      async finish(caller, repository, id, digest, body, by) {
        await uploads.finish(caller, repository, id, digest, counted(caller, repository, id, body), by);
        entries.delete(id);
      },
      async cancel(caller, repository, id) {
        await uploads.cancel(caller, repository, id);
        entries.delete(id);
      },
    }),
  };
}
