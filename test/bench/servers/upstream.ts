import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { launch } from "./launch.ts";
import type { RunningServer } from "./server.ts";

/** The registry that all caches of a run pull from: CNCF Distribution on plain files. */
export interface Upstream extends RunningServer {
  /** With its version. */
  readonly label: string;
  /** Body bytes of its answers for blobs and manifests so far, by its own metrics. Waits until it is at rest. */
  sent(): Promise<number>;
  /** Frees the disk of a repository and of blobs that only it has. */
  forget(repository: string, digests: readonly string[]): Promise<void>;
}

export async function startUpstream(
  { command, version }: { command: string; version: string },
  folder: string,
  signal: AbortSignal,
): Promise<Upstream> {
  const label = `Distribution ${version}`;
  const data = join(folder, "data");
  await mkdir(data, { recursive: true });
  const [port, metricsPort] = [await freePort(), await freePort()];
  // It isn't measured, and everybody waits for it: so it does what makes it quick, and says little. YAML reads JSON.
  const configuration = {
    version: 0.1,
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: data }, cache: { blobdescriptor: "inmemory" } },
    http: {
      addr: `127.0.0.1:${port}`,
      debug: { addr: `127.0.0.1:${metricsPort}`, prometheus: { enabled: true, path: "/metrics" } },
    },
  };
  const config = join(folder, "config.yml");
  await writeFile(config, JSON.stringify(configuration));
  const running = await launch(
    {
      label: `${label} as the upstream`,
      command,
      args: ["serve", config],
      folder,
      log: join(folder, "log.txt"),
      port,
      // Version 3 would look for a trace collector on this machine otherwise.
      env: { OTEL_TRACES_EXPORTER: "none" },
    },
    signal,
  );
  const root = join(data, "docker/registry/v2");
  return {
    ...running,
    label,
    async sent() {
      const target = `http://127.0.0.1:${metricsPort}/metrics`;
      for (const deadline = performance.now() + 10_000; ; await delay(50, undefined, { signal })) {
        const response = await fetch(target, { signal: AbortSignal.timeout(10_000) });
        const text = await response.text();
        const atWork = sumOf(text, "registry_http_in_flight_requests");
        if (atWork === 0) return sumOf(text, "registry_http_response_size_bytes_sum");
        if (performance.now() > deadline) throw new Error(`${label} still has ${atWork} requests under way`);
      }
    },
    async forget(repository, digests) {
      for (const digest of digests) {
        const hex = digest.slice("sha256:".length);
        await rm(join(root, "blobs/sha256", hex.slice(0, 2), hex), { recursive: true, force: true });
      }
      await rm(join(root, "repositories", repository), { recursive: true, force: true });
    },
  };
}

/** Over blobs and manifests. */
function sumOf(metrics: string, name: string): number {
  const found = metrics.matchAll(new RegExp(`^${name}\\{handler="(?:blob|manifest)"\\} (\\S+)$`, "gm"));
  return [...found].reduce((sum, [, value]) => sum + Number(value), 0);
}
