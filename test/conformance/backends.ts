import { startPostgres } from "../harness/postgres.ts";
import { startRgw } from "../s3/rgw.ts";
import { s3Storage } from "../s3/s3-section.ts";
import type { Setting } from "./options.ts";

/** What Berth keeps its content in, beside its data folder. */
export interface Backends extends AsyncDisposable {
  /** Their keys of the configuration; empty where all is in the data folder. */
  config: { storage?: object; metadata?: object; workers?: number };
}

/** Starts the servers that the setting names, each empty and of its own. */
export async function startBackends({ s3, redirects, postgres }: Setting): Promise<Backends> {
  await using stack = new AsyncDisposableStack();
  const config: Backends["config"] = {};
  if (s3) {
    const rgw = stack.use(await startRgw());
    // Go's clients send their token along to the same host, whatever its port, and S3 refuses two signatures.
    const endpoint = rgw.endpoint.replace("127.0.0.1", "localhost");
    config.storage = s3Storage(rgw, await rgw.bucket(), { enabled: redirects }, { endpoint });
  }
  if (postgres) {
    const server = stack.use(await startPostgres());
    config.metadata = { url: (await server.database()).url };
    // Each writes by itself.
    config.workers = 2;
  }
  const started = stack.move();
  return { config, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
