import { nginxFront } from "../servers/nginx.ts";
import { mebibyte } from "../settings.ts";
import { onRunning } from "./on-running.ts";
import { read, seedBlobs } from "./reads.ts";
import { LeftOut, type Row, type Workload } from "./workload.ts";

/** Pulls as behind nginx: Berth hands the file over, Distribution sends it through, nginx alone has it. */
export const blobGetsThroughNginx: Workload[] = [
  through({ name: "nginx-get-1m", title: "GET 1 MiB through nginx, c=16", unit: "MB/s" }, 16, mebibyte),
  through({ name: "nginx-get-64m", title: "GET 64 MiB through nginx, c=4", unit: "MB/s" }, 4, 64 * mebibyte),
];

function through(row: Row, connections: number, size: number): Workload {
  return {
    rows: [row],
    leavesOut: (server) =>
      server.kind === "running" ? "is running already, with nothing in front" : undefined,
    disk: () => 2 * connections * size,
    async measure(bout) {
      const { server, folder, signal, nginx } = bout;
      const load = { method: "GET" as const, connections };
      if (server.kind === "files")
        return onRunning(bout, async (running) => {
          const paths = await seedBlobs(bout, running, connections, size);
          return [await read(bout, running, row, { ...load, paths })];
        });
      if (nginx === undefined) throw new LeftOut("nginx is not installed");
      await using behind = await (server.startBehindNginx ?? server.start)(folder, signal);
      await using front = await nginxFront(nginx, folder, behind, signal);
      const paths = await seedBlobs(bout, front, connections, size);
      // Both programs' memory belongs to the answer; the registry's is what is watched.
      const asked = { ...front, pid: behind.pid };
      return [await read(bout, asked, row, { ...load, paths })];
    },
  };
}
