import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { leftovers } from "../clients/harness/leftovers.ts";
import { makeAuthority, type Authority } from "../harness/certificates.ts";
import { startPostgres } from "../harness/postgres.ts";
import { spawnBerth, type BerthProcess } from "../harness/process.ts";
import { startRgw, type Rgw } from "../s3/rgw.ts";
import { proxyAddress, startNginxOfThree, type Nginx } from "./nginx.ts";

const example = new URL("../../config/examples/ha.yaml", import.meta.url);

/** nginx with docker/nginx/berth-ha.conf → three Berth processes with config/examples/ha.yaml → PostgreSQL and S3. */
export interface ThreeServers extends AsyncDisposable {
  nginx: Nginx;
  authority: Authority;
  rgw: Rgw;
  bucket: string;
  servers: readonly BerthProcess[];
  /** Of the account "admin", which the first start makes. */
  password: string;
  /** SIGKILL. */
  kill(n: number): Promise<void>;
  /** Starts it again, at the same address. */
  revive(n: number): Promise<void>;
}

export async function startThreeServers(): Promise<ThreeServers> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "berth-three-"));
  leftovers.folders.add(folder);
  stack.defer(() => {
    rmSync(folder, { recursive: true, force: true });
    leftovers.folders.delete(folder);
  });
  const authority = stack.use(makeAuthority());
  const [rgw, postgres] = await Promise.all([startRgw(), startPostgres()]);
  stack.use(rgw);
  stack.use(postgres);
  const [bucket, { url }] = await Promise.all([rgw.bucket(), postgres.database()]);
  const password = "correct horse battery staple";
  const secret = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    chmodSync(file, 0o600);
    return file;
  };
  // As compose.ha.yaml does it: what is another here than in the example.
  const env = {
    BERTH_TRUSTED_PROXIES: proxyAddress,
    BERTH_STORAGE_S3_BUCKET: bucket,
    BERTH_STORAGE_S3_ENDPOINT: rgw.endpoint,
    BERTH_STORAGE_S3_ACCESS_KEY_ID_FILE: rgw.idFile,
    BERTH_STORAGE_S3_SECRET_ACCESS_KEY_FILE: rgw.secretFile,
    BERTH_METADATA_URL_FILE: secret("database-url", url),
    BERTH_AUTH_SECRET_FILE: secret("signing-secret", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJK"),
    BERTH_AUTH_ADMIN_PASSWORD_FILE: secret("admin-password", `${password}\n`),
  };
  // Neither of them is known before it listens.
  const {
    external_url: _name,
    listen: _any,
    ...shared
  } = parse(readFileSync(example, "utf8")) as Record<string, unknown>;
  // They end before what they stand on.
  const running = stack.use(new AsyncDisposableStack());
  const start = async (n: number, listen?: string) => {
    const berth = await spawnBerth({
      config: listen === undefined ? shared : { ...shared, listen },
      env,
      data: join(folder, `data-${n}`),
    });
    leftovers.pids.add(-berth.pid);
    running.use(berth);
    return berth;
  };
  const starts = await Promise.allSettled([0, 1, 2].map((n) => start(n)));
  const servers = starts.map((each) => {
    if (each.status === "rejected") throw each.reason;
    return each.value;
  });
  const nginx = stack.use(
    await startNginxOfThree(
      servers.map(({ url }) => url),
      authority.issue("registry"),
    ),
  );
  const at = (n: number) => {
    const server = servers[n];
    if (server === undefined) throw new Error(`there is no server ${n}`);
    return server;
  };
  const started = stack.move();
  return {
    nginx,
    authority,
    rgw,
    bucket,
    servers,
    password,
    async kill(n) {
      await at(n).kill("SIGKILL");
    },
    async revive(n) {
      servers[n] = await start(n, at(n).host);
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
