import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { chmod, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";

/** A PostgreSQL server of its own, on a unix socket in a temp folder; nothing of it is kept. */
export interface TestPostgres extends AsyncDisposable {
  /** A new, empty database. */
  database(): Promise<TestDatabase>;
  /** Ends all connections and the server; fast as `pg_ctl stop -m fast`, or as a crash. */
  stop(how?: "fast" | "crash"): Promise<void>;
  start(): Promise<void>;
}

export interface TestDatabase {
  url: string;
  /** The same database with other parameters of connections. */
  with(parameters: Record<string, string>): string;
  /** Runs statements as the owner. Gives the rows of the last one. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
}

const programs = findPrograms();

/** Test options that skip a test, saying why, where PostgreSQL isn't installed. */
export function needsPostgres(): { skip: string | false } {
  return {
    skip:
      programs === undefined &&
      "PostgreSQL: initdb and postgres not found. Get them: apt-get install --no-install-recommends postgresql",
  };
}

/** Debian keeps the server's programs apart from PATH, one folder for each version. */
function findPrograms(): string | undefined {
  const folders = globSync("/usr/lib/postgresql/*/bin").sort(
    (a, b) => Number(b.split("/").at(-2)) - Number(a.split("/").at(-2)),
  );
  const onPath = (process.env.PATH ?? "").split(":");
  return [...folders, ...onPath].find(
    (folder) => folder !== "" && globSync("{initdb,postgres}", { cwd: folder }).length === 2,
  );
}

/** PostgreSQL refuses to run as root: then it runs as the user of Debian's package, or as nobody. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((flag) =>
      Number(spawnSync("id", [flag, name]).stdout.toString() || NaN),
    );
    if (uid !== undefined && gid !== undefined && uid > 0) return { uid, gid };
  }
  throw new Error("there is no user that PostgreSQL can run as");
}

/**
 * @param settings of the server, beside those that make it quick
 * @param tls certificate and key, for connections over TCP
 */
export async function startPostgres(
  settings: Record<string, string> = {},
  tls?: { cert: string; keyText: string },
): Promise<TestPostgres> {
  if (programs === undefined) throw new Error("ask needsPostgres() first");
  const user = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), "berth-pg-"));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  await chmod(folder, 0o755);
  const data = join(folder, "data");
  const run = { ...user, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" } };
  const quick = { fsync: "off", full_page_writes: "off", shared_buffers: "16MB", max_connections: "60" };
  const options = Object.entries({ ...quick, ...settings }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  let output = "";
  let child: ReturnType<typeof spawn> | undefined;
  let databases = 0;

  const init = ["-D", data, "-U", "berth", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
  await promisify(execFile)(join(programs, "initdb"), init, run);

  if (tls !== undefined) {
    for (const [name, text] of [
      ["server.crt", tls.cert],
      ["server.key", tls.keyText],
    ] as const) {
      writeFileSync(join(data, name), text, { mode: 0o600 });
      if (user !== undefined) chownSync(join(data, name), user.uid, user.gid);
    }
    options.push("-c", "ssl=on");
  }

  const urlOf = (database: string, parameters: Record<string, string> = {}) =>
    `postgres:///${database}?${new URLSearchParams({ host: folder, port: settings.port ?? "5432", user: "berth", ...parameters }).toString()}`;

  async function sql<Row>(database: string, text: string, values?: unknown[]): Promise<Row[]> {
    const client = new pg.Client({ connectionString: urlOf(database) });
    client.on("error", () => undefined);
    await client.connect();
    try {
      const result = (await client.query(text, values)) as pg.QueryResult | pg.QueryResult[];
      return ((Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? []) as Row[];
    } finally {
      await client.end();
    }
  }

  async function start(): Promise<void> {
    const args = ["-D", data, "-k", folder, "-c", "listen_addresses=", ...options];
    const started = spawn(join(programs ?? "", "postgres"), args, {
      ...run,
      stdio: ["ignore", "ignore", "pipe"],
    });
    child = started;
    // However the test ends, nothing of the server stays.
    process.once("exit", () => {
      if (child !== started) return;
      started.kill("SIGQUIT");
      rmSync(folder, { recursive: true, force: true });
    });
    started.stderr
      .setEncoding("utf8")
      .on("data", (text: string) => (output = (output + text).slice(-20_000)));
    for (let tries = 0; ; tries++) {
      try {
        await sql("postgres", "SELECT 1");
        return;
      } catch (error) {
        if (tries > 300 || started.exitCode !== null)
          throw new Error(`PostgreSQL did not start:\n${output}`, { cause: error });
        await pause(50);
      }
    }
  }

  async function stop(how: "fast" | "crash" = "fast"): Promise<void> {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = once(running, "exit");
    // SIGQUIT ends all of its processes at once, and the next start recovers.
    running.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await ended;
  }

  try {
    await start();
  } catch (error) {
    await stop("crash");
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    start,
    stop,
    async database() {
      const name = `test${++databases}`;
      await sql("postgres", `CREATE DATABASE ${name}`);
      return {
        url: urlOf(name),
        with: (parameters) => urlOf(name, parameters),
        sql: (text, values) => sql(name, text, values),
      };
    },
    async [Symbol.asyncDispose]() {
      await stop("crash");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
