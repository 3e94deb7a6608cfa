import type { Measurement } from "../measurement.ts";
import type { Server } from "../servers/server.ts";
import type { Bout, Work } from "./workload.ts";

/**
 * A new S3 server (Ceph RGW, its data in files of the bout's folder) with an empty bucket, and the bout's server
 * on it; both end whatever happens. The S3 server runs beside, on the same machine, for everyone alike.
 */
export async function onS3(bout: Bout, work: Work, redirect = false): Promise<Measurement[]> {
  const { server, folder, signal } = bout;
  const { startRgw } = await import("../../s3/rgw.ts");
  await using rgw = await startRgw({ store: "bluestore", within: folder });
  const bucket = await rgw.bucket();
  const running = await server.startOnS3?.(folder, signal, { ...rgw, bucket, redirect });
  if (running === undefined) return [];
  await using _ended = running;
  return await work(running);
}

export function needsS3(server: Server): string | undefined {
  return server.startOnS3 === undefined ? "is not measured on S3" : undefined;
}

/** Loaded only for these rows: the SDK would weigh on the others. */
export async function prepareS3(): Promise<void> {
  const { withRgw } = await import("../../s3/rgw.ts");
  if (withRgw.skip !== false) throw new Error(withRgw.skip);
}
