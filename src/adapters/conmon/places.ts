import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Where the monitor's files lie in the run folder. */
export interface Places {
  /** Exit codes, one file a container, named for it. */
  exits: string;
  containers: string;
  /** Bundle of one container: config.json, and conmon's files beside it. */
  container(id: string): string;
  exec(container: string, id: string): string;
  exit(id: string): string;
}

const sessionId = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

export function createPlaces(runFolder: string): Places {
  const exits = join(runFolder, "exits");
  const containers = join(runFolder, "containers");
  for (const folder of [exits, containers]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const below = (folder: string) => (id: string) => {
    if (!sessionId.test(id)) throw new Error(`"${id}" is no id`);
    return join(folder, id);
  };
  const container = below(containers);
  return {
    exits,
    containers,
    container,
    exec: (id, session) => below(join(container(id), "execs"))(session),
    exit: below(exits),
  };
}
