import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";
import { launch } from "./launch.ts";
import type { LinkJob } from "./link-job.ts";
import type { RunningServer } from "./server.ts";

const program = fileURLToPath(new URL("../link-relay.ts", import.meta.url));

/** The upstream at the other end of a link: loopback knows no distance, and most upstreams are far. */
export async function startLink(
  upstream: RunningServer,
  { bytesPerSecond, delay }: Pick<LinkJob, "bytesPerSecond" | "delay">,
  folder: string,
  signal: AbortSignal,
): Promise<RunningServer> {
  const port = await freePort();
  const job: LinkJob = { port, target: upstream.port, bytesPerSecond, delay };
  const args = [program, JSON.stringify(job)];
  const log = join(folder, "link-log.txt");
  return await launch({ label: "the link", command: process.execPath, args, folder, log, port }, signal);
}
