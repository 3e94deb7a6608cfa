import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Both runtimes keep a folder for each container, with a fifo in it that its process waits at until it is started. */
export function listContainers(root: string) {
  return {
    waits: (id: string) => existsSync(join(root, id, "exec.fifo")),
    list: async () => {
      const entries = await readdir(root, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    },
  };
}
