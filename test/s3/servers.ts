import { spawnBerth, type BerthProcess } from "../harness/process.ts";
import { startPostgres } from "../harness/postgres.ts";
import { registryClient, type RegistryClient } from "../harness/registry-client.ts";
import { bucketContent } from "./bucket-content.ts";
import { startRgw, type Rgw } from "./rgw.ts";
import { s3Storage } from "./s3-section.ts";

export interface Server {
  process: BerthProcess;
  client: RegistryClient;
}

/** Berth processes with one database and one bucket; a data folder and a port each. */
export interface Servers extends AsyncDisposable {
  rgw: Rgw;
  bucket: string;
  /** Each in turn: the n-th request goes to the n-th server, and so on from the first. */
  at(n: number): RegistryClient;
  all: readonly Server[];
  /** Another one, at the end of the row. */
  add(config?: Record<string, unknown>): Promise<Server>;
  /** Ends a server; it is out of the row. */
  end(server: Server, signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  content(): ReturnType<typeof bucketContent>;
}

/**
 * Starts PostgreSQL, Ceph's S3 server and, all at once, so many of Berth.
 * @param shared configuration of all of them
 */
export async function startServers(count: number, shared: Record<string, unknown> = {}): Promise<Servers> {
  await using stack = new AsyncDisposableStack();
  const [rgw, postgres] = await Promise.all([startRgw(), startPostgres()]);
  stack.use(rgw);
  stack.use(postgres);
  const [bucket, database] = await Promise.all([rgw.bucket(), postgres.database()]);
  async function start(config: Record<string, unknown> = {}): Promise<Server> {
    const storage = s3Storage(rgw, bucket, { enabled: false });
    const process = await spawnBerth({
      config: { storage, metadata: { url: database.url }, ...shared, ...config },
    });
    return { process, client: registryClient(process.url) };
  }
  const starts = await Promise.allSettled(Array.from({ length: count }, () => start()));
  const all = starts.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  for (const { process } of all) stack.use(process);
  for (const each of starts) if (each.status === "rejected") throw each.reason;
  const started = stack.move();
  return {
    rgw,
    bucket,
    all,
    at(n) {
      const server = all[n % all.length];
      if (server === undefined) throw new Error("there is no server");
      return server.client;
    },
    async add(config) {
      const server = await start(config);
      started.use(server.process);
      all.push(server);
      return server;
    },
    async end(server, signal) {
      all.splice(all.indexOf(server), 1);
      await server.process.kill(signal);
    },
    content: () => bucketContent(rgw.client, bucket),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
