import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../clients/find-program.ts";
import { leftovers } from "../clients/harness/leftovers.ts";
import type { Pair } from "../harness/certificates.ts";

/** The address from which nginx speaks to Berth: another one than the test's own, which is not trusted. */
export const proxyAddress = "127.0.0.2";

export interface Nginx extends AsyncDisposable {
  /** `https://127.0.0.1:PORT` */
  url: string;
  /** What it logged. */
  errors(): string;
  /** From now on nginx can't write a temporary file: a request that needs one fails. */
  forbidTemporaryFiles(): void;
}

const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
const shipped = new URL("../../docker/nginx/", import.meta.url);
const root = process.getuid?.() === 0;
const nobody = 65_534;

/**
 * The files of docker/nginx in a real nginx, with only addresses and paths exchanged, and nginx' defaults
 * elsewhere. As root its workers are `nobody` in the group of this process, as an installation has it.
 */
export async function startNginx(berthUrl: string, blobs: string, pair: Pair): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "berth-nginx-"));
  leftovers.folders.add(folder);
  chmodSync(folder, 0o711);
  const port = await freePort();
  const file = (name: string) => JSON.stringify(join(folder, name));
  writeFileSync(join(folder, "nginx.conf"), main(file));
  writeFileSync(join(folder, "berth.conf"), site(berthUrl, blobs, pair, port));
  writeFileSync(
    join(folder, "berth-proxy.conf"),
    `${read("berth-proxy.conf")}\nproxy_bind ${proxyAddress};\n`,
  );
  writeFileSync(join(folder, "berth-blobs.conf"), read("berth-blobs.conf"));
  for (const name of temporary) {
    mkdirSync(join(folder, name));
    if (root) chownSync(join(folder, name), nobody, 0);
  }
  const program = findProgram("nginx") ?? "nginx";
  const args = ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")];
  execFileSync(program, [...args, "-t"], { stdio: "pipe" });
  const child = spawn(program, args, { stdio: "ignore" });
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  leftovers.pids.add(pid);
  const ended = once(child, "exit").then(() => leftovers.pids.delete(pid));
  const errors = () => readFileSync(join(folder, "error.log"), "utf8");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
    leftovers.folders.delete(folder);
  };
  for (let attempt = 0; !(await listens(port)); attempt++) {
    if (attempt < 100 && child.exitCode === null) {
      await sleep(50);
      continue;
    }
    const said = errors();
    await stop();
    throw new Error(`nginx did not get ready:\n${said}`);
  }
  return {
    url: `https://127.0.0.1:${port}`,
    errors,
    forbidTemporaryFiles() {
      for (const name of temporary) chmodSync(join(folder, name), 0o500);
      if (root) for (const name of temporary) chownSync(join(folder, name), 0, 0);
    },
    [Symbol.asyncDispose]: stop,
  };
}

function main(file: (name: string) => string): string {
  return [
    ...(root ? ["user nobody root;"] : []),
    "daemon off;",
    "worker_processes 2;",
    `pid ${file("nginx.pid")};`,
    `error_log ${file("error.log")} info;`,
    "events {}",
    "http {",
    `  access_log ${file("access.log")};`,
    ...temporary.map((name) => `  ${name}_temp_path ${file(name)};`),
    `  include ${file("berth.conf")};`,
    "}",
    "",
  ].join("\n");
}

function site(berthUrl: string, blobs: string, pair: Pair, port: number): string {
  const exchanged: [string, string][] = [
    ["server 127.0.0.1:5000;", `server ${new URL(berthUrl).host};`],
    ["listen 443 ssl http2;", `listen 127.0.0.1:${port} ssl http2;`],
    ["  listen [::]:443 ssl http2;\n", ""],
    ["/etc/nginx/tls/registry.pem", pair.certificate],
    ["/etc/nginx/tls/registry.key", pair.key],
    ["/var/lib/berth/storage/blobs/", `${blobs}/`],
  ];
  return exchanged.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`docker/nginx/berth.conf has not one "${from}"`);
    return text.replace(from, to);
  }, read("berth.conf"));
}

function read(name: string): string {
  return readFileSync(new URL(name, shipped), "utf8");
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
