import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startBerthEngine } from "./berth-engine.ts";
import { plantedBerth } from "./planted-berth.ts";
import { freePort } from "./free-port.ts";
import { launch } from "./launch.ts";
import type { RunningServer, Server } from "./server.ts";

const password = "bench-password";

/** Berth as it is delivered: the compiled `main`, as its own process, access log on. */
export function berth(main: string, version: string): Server {
  async function start(
    folder: string,
    signal: AbortSignal,
    more: readonly string[] = [],
    ready: 200 | 401 = 200,
  ): Promise<RunningServer> {
    const port = await freePort();
    const data = join(folder, "data");
    const config = join(folder, "berth.yaml");
    await mkdir(data, { recursive: true });
    const lines = [
      `listen: 127.0.0.1:${port}`,
      `data: ${JSON.stringify(data)}`,
      "workers: auto",
      "log:",
      "  level: info",
      "  access: true",
      ...more,
      "",
    ];
    await writeFile(config, lines.join("\n"));
    const args = [main, "serve", "--config", config];
    const log = join(folder, "log.txt");
    return await launch(
      { label: "Berth", command: process.execPath, args, folder, log, port, ready },
      signal,
    );
  }
  return {
    id: "berth",
    label: `Berth ${version}`,
    kind: "registry",
    start: (folder, signal) => start(folder, signal),
    async startGuarded(folder, signal) {
      const file = join(folder, "password");
      await writeFile(file, password);
      const auth = ["auth:", "  mode: token", "  admin:", `    password_file: ${JSON.stringify(file)}`];
      const running = await start(folder, signal, auth, 401);
      return { ...running, basic: `Basic ${Buffer.from(`admin:${password}`).toString("base64")}` };
    },
    async startBehindNginx(folder, signal) {
      const more = [
        "trusted_proxies: 127.0.0.1",
        "storage:",
        "  disk:",
        "    x_accel_redirect: /berth-blobs/",
      ];
      const running = await start(folder, signal, more);
      const blobs = join(folder, "data/storage/blobs");
      const location = [
        "location /berth-blobs/ {",
        "  internal;",
        `  alias ${JSON.stringify(`${blobs}/`)};`,
        "  etag off;",
        "  add_header Docker-Content-Digest $upstream_http_docker_content_digest;",
        "  add_header ETag $upstream_http_etag;",
        "}",
      ];
      return { ...running, locations: [location.join("\n")] };
    },
    startOnS3(folder, signal, place) {
      const s3 = {
        bucket: place.bucket,
        endpoint: place.endpoint,
        access_key_id_file: place.idFile,
        secret_access_key_file: place.secretFile,
        redirect: { enabled: place.redirect },
      };
      return start(folder, signal, [`storage: ${JSON.stringify({ s3 })}`]);
    },
    async startCache(folder, signal, { host, port, ttl }) {
      const name = "upstream.example";
      const item = { name, url: `http://${host}:${port}`, ...(ttl === undefined ? {} : { ttl }) };
      const running = await start(folder, signal, [`upstreams: [${JSON.stringify(item)}]`]);
      return { ...running, prefix: `${name}/` };
    },
    plant: (folder, signal, plan) =>
      plantedBerth(main, folder, signal, plan, (more) => start(folder, signal, more)),
    startEngine: (folder, signal) => startBerthEngine(main, folder, signal),
  };
}
