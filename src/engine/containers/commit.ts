import type { ContainersParts } from "./parts.ts";
import { emitContainer } from "./emit.ts";

export interface CommitQuery {
  container: string;
  repo: string;
  tag: string;
  comment: string;
  author: string;
  pause: boolean;
  changes: string[];
}

/** Makes an image of what a container has changed; frozen meanwhile unless asked otherwise. The image's id. */
export function createCommit({ book, images, snapshots, runtime, events }: ContainersParts) {
  return async (query: CommitQuery, config: Record<string, unknown>): Promise<string> => {
    const { id } = book.find(query.container);
    return book.locked(id, async () => {
      const record = book.find(id);
      const freeze = query.pause && record.state.status === "running";
      if (freeze) await runtime.pause(id);
      try {
        const { repo, tag, comment, author, changes } = query;
        const diff = await snapshots.diff(id);
        const image = await images.commit({ record, repo, tag, comment, author, changes, config, diff });
        emitContainer(events, record, "commit", { comment, imageID: image, imageRef: repo });
        return image;
      } finally {
        if (freeze) await runtime.resume(id);
      }
    });
  };
}
