import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { launch } from "./launch.ts";
import type { RunningServer, Server } from "./server.ts";

/** nginx with the same bytes as plain files: what the machine can give without a registry. */
export function nginx(command: string, version: string): Server {
  return {
    id: "nginx",
    label: `nginx ${version}`,
    kind: "files",
    async start(folder, signal) {
      const port = await freePort();
      const root = join(folder, "www");
      const config = join(folder, "nginx.conf");
      await mkdir(root, { recursive: true });
      const server = [`root ${JSON.stringify(root)};`, 'location = /v2/ { return 200 "{}"; }'];
      await writeFile(config, configuration(folder, port, server));
      const running = await launch(
        {
          label: "nginx",
          command,
          args: ["-p", folder, "-c", config, "-e", join(folder, "log.txt")],
          folder,
          log: join(folder, "log.txt"),
          port,
        },
        signal,
      );
      return {
        ...running,
        async plantBlob(repository, digest, bytes) {
          const blobs = join(root, "v2", repository, "blobs");
          await mkdir(blobs, { recursive: true });
          await writeFile(join(blobs, digest), bytes);
        },
      };
    },
  };
}

/** nginx in front of another server: what people run, and what hands out Berth's blobs. */
export async function nginxFront(
  command: string,
  folder: string,
  behind: { host: string; port: number; locations?: readonly string[] },
  signal: AbortSignal,
): Promise<RunningServer> {
  const port = await freePort();
  const config = join(folder, "front.conf");
  const upstream = `upstream behind { server ${behind.host}:${behind.port}; keepalive 64; }`;
  const server = [
    "client_max_body_size 0;",
    ...(behind.locations ?? []),
    "location / {",
    "  proxy_pass http://behind;",
    "  proxy_http_version 1.1;",
    '  proxy_set_header Connection "";',
    "  proxy_set_header Host $http_host;",
    "  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "}",
  ];
  await writeFile(config, configuration(folder, port, server, [upstream]));
  const log = join(folder, "front-log.txt");
  const args = ["-p", folder, "-c", config, "-e", log];
  return await launch({ label: "nginx in front", command, args, folder, log, port }, signal);
}

function configuration(
  folder: string,
  port: number,
  server: readonly string[],
  beside: readonly string[] = [],
): string {
  const file = (name: string) => JSON.stringify(join(folder, name));
  return [
    // The folder is readable by its owner only, so the workers stay who the bench is.
    ...(process.getuid?.() === 0 ? ["user root;"] : []),
    "daemon off;",
    "worker_processes auto;",
    `pid ${file("nginx.pid")};`,
    "events { worker_connections 1024; }",
    "http {",
    `  access_log ${file("access.log")} combined;`,
    ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `  ${name}_temp_path ${file(name)};`,
    ),
    "  sendfile on;",
    "  tcp_nopush on;",
    "  keepalive_requests 100000000;",
    "  default_type application/octet-stream;",
    ...beside.map((line) => `  ${line}`),
    "  server {",
    `    listen 127.0.0.1:${port};`,
    ...server.map((line) => `    ${line}`),
    "  }",
    "}",
    "",
  ].join("\n");
}
