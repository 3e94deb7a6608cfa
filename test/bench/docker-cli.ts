import { plainEnvironment, runChild } from "./child.ts";

/** The one docker CLI for every engine, without anybody's settings. */
const environment = { ...plainEnvironment(), DOCKER_CONFIG: "/nonexistent" };

export interface DockerCall {
  socket: string;
  args: readonly string[];
  signal?: AbortSignal;
  /** ms; default two minutes. */
  limit?: number;
  onOutput?: (text: string) => void;
}

/** Runs the docker CLI against an engine; what it printed. An exit code that isn't 0 throws. */
export async function docker({ socket, args, limit = 120_000, ...more }: DockerCall): Promise<string> {
  const { stdout } = await runChild({
    command: "docker",
    args: ["-H", `unix://${socket}`, ...args],
    env: environment,
    limit,
    ...more,
  });
  return stdout;
}

/** All of an engine's, running ones too. An engine that is gone has none. */
export async function removeContainers(socket: string): Promise<void> {
  try {
    const ids = (await docker({ socket, args: ["ps", "-aq"] })).split("\n").filter((id) => id !== "");
    if (ids.length > 0) await docker({ socket, args: ["rm", "-f", "-v", ...ids] });
  } catch {
    // What still runs is killed with its host.
  }
}
