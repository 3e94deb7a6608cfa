import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { launch } from "./launch.ts";
import type { Server } from "./server.ts";

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
      await writeFile(config, configuration(folder, root, port));
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

function configuration(folder: string, root: string, port: number): string {
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
    "  server {",
    `    listen 127.0.0.1:${port};`,
    `    root ${JSON.stringify(root)};`,
    '    location = /v2/ { return 200 "{}"; }',
    "  }",
    "}",
    "",
  ].join("\n");
}
