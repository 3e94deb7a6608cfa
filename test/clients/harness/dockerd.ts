import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startContainerd } from "./containerd.ts";
import { startDaemon } from "./daemon.ts";
import type { Workplace } from "./workplace.ts";

export interface DockerdOptions {
  /** Where it connects through to https: registries, `http://127.0.0.1:PORT`. */
  proxy?: string;
  /** `registry-mirrors`: where it asks for Docker Hub's images first. */
  mirrors?: string[];
}

export interface Dockerd extends AsyncDisposable {
  /** What the docker CLI needs to reach it. */
  env: Record<string, string>;
  docker(...args: string[]): Promise<string>;
}

/**
 * A Docker daemon of the test's own, on a containerd of its own, without networks or firewall rules.
 * It takes the best storage driver that works where the tests run.
 */
export async function startDockerd(
  work: Workplace,
  { proxy, mirrors = [] }: DockerdOptions = {},
): Promise<Dockerd> {
  await using stack = new AsyncDisposableStack();
  const containerd = stack.use(await startContainerd(work));
  const folder = work.folder("dockerd");
  const socket = `unix://${join(folder, "docker.sock")}`;
  const config = join(folder, "daemon.json");
  // Keeps the system's daemon.json out.
  writeFileSync(config, JSON.stringify({ "registry-mirrors": mirrors }));
  const env = { DOCKER_HOST: socket, DOCKER_CONFIG: work.folder("docker-config") };
  const docker = (...args: string[]) => work.run("docker", args, { env });
  const args = [
    `--config-file=${config}`,
    `--data-root=${folder}/data`,
    `--exec-root=${folder}/exec`,
    `--pidfile=${folder}/dockerd.pid`,
    `--containerd=${containerd.socket}`,
    `--host=${socket}`,
    "--bridge=none",
    "--iptables=false",
    "--ip-forward=false",
    "--ip-masq=false",
  ];
  const place = proxy === undefined ? work : { ...work, env: { ...work.env, HTTPS_PROXY: proxy } };
  stack.use(await startDaemon(place, "dockerd", args, () => docker("version")));
  const started = stack.move();
  return { env, docker, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
