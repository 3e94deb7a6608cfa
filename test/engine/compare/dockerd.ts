import { mkdir, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { OwnHost } from "../harness/own-host.ts";

export interface Dockerd extends AsyncDisposable {
  readonly socket: string;
  readonly pid: number;
  logs(): string;
}

const startTimeout = 60_000;

/** Debian's dockerd on a host of its own; everything of it lies in `folder`. @param flags further ones. */
export async function startDockerd(
  host: OwnHost,
  folder: string,
  flags: readonly string[] = [],
): Promise<Dockerd> {
  const socket = join(folder, "d.sock");
  const config = join(folder, "daemon.json");
  await mkdir(folder, { recursive: true });
  await writeFile(config, "{}");
  const child = host.spawn(
    "dockerd",
    [
      ...["--config-file", config, "--data-root", join(folder, "data"), "--exec-root", join(folder, "exec")],
      ...["--pidfile", join(folder, "pid"), "-H", `unix://${socket}`, "--log-level", "warn"],
      ...flags,
    ],
    {
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C is for who started it, and who ends it in its order.
      detached: true,
    },
  );
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output += text));
  let over = false;
  const ended = once(child, "exit").then(() => (over = true));

  async function stop(): Promise<void> {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    await ended;
    clearTimeout(late);
    for (const left of [`${folder}/data`, `${folder}/exec`])
      await host.run("sh", [
        "-c",
        `awk '$5 ~ "^${left}" {print $5}' /proc/self/mountinfo | sort -r | xargs -r umount -l`,
      ]);
    await rm(folder, { recursive: true, force: true });
  }

  const end = Date.now() + startTimeout;
  for (;;) {
    if (over || Date.now() > end) {
      await stop();
      throw new Error(`dockerd did not get ready:\n${output}`);
    }
    if ((await host.run("docker", ["-H", `unix://${socket}`, "version"])).code === 0) break;
    await sleep(100);
  }
  return { socket, pid: child.pid ?? 0, logs: () => output, [Symbol.asyncDispose]: stop };
}
