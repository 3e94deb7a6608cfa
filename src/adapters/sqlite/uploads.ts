import type { Uploads } from "#core/metadata/uploads.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { uploadReads } from "./reads/read-uploads.ts";

/** Uploads of the seam: reads here, mutations (claims too) as data. */
export function sqliteUploads(db: Connection, read: Read, mutate: Mutate): Uploads {
  const uploads = uploadReads(db);
  return {
    begin: (session) => mutate("beginUpload", session),
    find: (id) => read(() => uploads.find(id)),
    claim: (id, holder, now, until) => mutate("claimUpload", { id, holder, now, until }),
    renew: (id, holder, until) => mutate("renewUpload", { id, holder, until }),
    progress: (id, holder, progress) => mutate("progressUpload", { id, holder, progress }),
    release: (id, holder) => mutate("releaseUpload", { id, holder }),
    end: (id) => mutate("endUpload", { id }),
    expire: (before, now, limit) => mutate("expireUploads", { before, now, limit }),
    knows: (handle) => read(() => uploads.knows(handle)),
    count: () => read(() => uploads.count()),
    stale: (before) => read(() => uploads.stale(before)),
    oldest: () => read(() => uploads.oldest()),
  };
}
