import { pushLoad } from "../load/clients.ts";
import type { RunningServer } from "../servers/server.ts";
import { mebibyte, type Settings } from "../settings.ts";
import { needsS3, onS3, prepareS3 } from "./on-s3.ts";
import { expectPushed } from "./pushed.ts";
import { read } from "./reads.ts";
import type { Bout, Row, Workload } from "./workload.ts";

/** The bytes go through the registry. */
export const s3Pulls: Workload[] = [
  pull({ name: "s3-get-64m", title: "GET 64 MiB, c=4", unit: "MB/s" }, 4, ({ layerSize }) => layerSize / 4),
  pull({ name: "s3-get-256m", title: "GET 256 MiB, c=4", unit: "MB/s" }, 2, ({ layerSize }) => layerSize),
];

function pull(row: Row, count: number, sizeFor: (settings: Settings) => number): Workload {
  return {
    rows: [row],
    leavesOut: needsS3,
    prepare: prepareS3,
    disk: (settings) => 2 * count * sizeFor(settings),
    measure: (bout) =>
      onS3(bout, async (running) => {
        const paths = await seed(bout, running, count, sizeFor(bout.settings));
        return [await read(bout, running, row, { method: "GET", paths, connections: 4 })];
      }),
  };
}

/** The answer that sends on to the bucket; nobody goes there. */
export const s3Redirects: Workload = {
  rows: [{ name: "s3-redirect", title: "GET answered by a redirect (307), c=8", unit: "/s" }],
  leavesOut: needsS3,
  prepare: prepareS3,
  disk: () => 64 * mebibyte,
  measure: (bout) =>
    onS3(
      bout,
      async (running) => {
        const paths = await seed(bout, running, 16, mebibyte);
        await expectRedirect(running, paths[0] ?? "");
        const load = { method: "GET" as const, paths, connections: 8, status: 307 };
        return [await read(bout, running, s3Redirects.rows[0], load)];
      },
      true,
    ),
};

/** Paths of new blobs, one of which was pulled whole. */
async function seed(bout: Bout, running: RunningServer, count: number, size: number): Promise<string[]> {
  const { repository, signal } = bout;
  const { host, port } = running;
  const job = { host, port, kind: "monolithic", repository, connections: 2, size, warmup: 0 } as const;
  const { digests } = await pushLoad({ ...job, seconds: 300, most: count }, signal);
  await expectPushed(running, repository, digests[0] ?? "", size);
  return digests.map((digest) => `/v2/${repository}/blobs/${digest}`);
}

async function expectRedirect(running: RunningServer, path: string): Promise<void> {
  const { status, headers } = await fetch(`http://${running.host}:${running.port}${path}`, {
    redirect: "manual",
    signal: AbortSignal.timeout(30_000),
  });
  if (status !== 307 || !headers.has("location"))
    throw new Error(`GET ${path} answered ${status} instead of a redirect`);
}
