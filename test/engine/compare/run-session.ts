import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busyboxArchive } from "../harness/busybox-image.ts";
import type { OwnHost } from "../harness/own-host.ts";
import { normalise } from "./normalise.ts";
import type { Chapter } from "./chapter.ts";

export interface Told {
  chapter: string;
  line: string;
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs every line against the engine at the socket, one after the other. */
export async function runSession(
  host: OwnHost,
  socket: string,
  chapters: readonly Chapter[],
  heard?: (told: Told) => void,
): Promise<Told[]> {
  const tmp = await mkdtemp(join(tmpdir(), "bc-"));
  const env = {
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_CONFIG: join(tmp, "config"),
    TMP: tmp,
    TERM: "xterm",
  };
  const all: Told[] = [];
  try {
    const loaded = await host.run("docker", ["load"], { input: await busyboxArchive("busybox:latest"), env });
    if (loaded.code !== 0) throw new Error(`docker load: ${loaded.stderr}`);
    for (const { name, lines } of chapters)
      for (const line of lines) {
        const quiet = line.startsWith("? ");
        const { code, stdout, stderr } = await host.run("sh", ["-c", quiet ? line.slice(2) : line], {
          env,
          cwd: tmp,
        });
        if (quiet) continue;
        const told = { chapter: name, line, code, stdout: normalise(stdout), stderr: normalise(stderr) };
        all.push(told);
        heard?.(told);
      }
  } finally {
    await rm(tmp, { recursive: true, force: true });
  }
  return all;
}
