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
  /** Each request that ended: method, path, status and, one after the other, the servers that it was passed to. */
  requests(): string[];
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
export function startNginx(berthUrl: string, blobs: string, pair: Pair): Promise<Nginx> {
  return start((port) => site(berthUrl, blobs, pair, port));
}

/** The same with docker/nginx/berth-ha.conf, in front of three servers. */
export function startNginxOfThree(berthUrls: readonly string[], pair: Pair): Promise<Nginx> {
  return start((port) => siteOfThree(berthUrls, pair, port));
}

async function start(siteAt: (port: number) => string): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "berth-nginx-"));
  leftovers.folders.add(folder);
  chmodSync(folder, 0o711);
  const port = await freePort();
  const file = (name: string) => JSON.stringify(join(folder, name));
  writeFileSync(join(folder, "nginx.conf"), main(file));
  writeFileSync(join(folder, "berth.conf"), siteAt(port));
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
  const requests = () => readFileSync(join(folder, "access.log"), "utf8").trim().split("\n");
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
    requests,
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
    "  log_format passed '$request_method $request_uri $status $upstream_addr';",
    `  access_log ${file("access.log")} passed;`,
    ...temporary.map((name) => `  ${name}_temp_path ${file(name)};`),
    `  include ${file("berth.conf")};`,
    "}",
    "",
  ].join("\n");
}

function site(berthUrl: string, blobs: string, pair: Pair, port: number): string {
  return exchange("berth.conf", [
    ["server 127.0.0.1:5000;", `server ${new URL(berthUrl).host};`],
    ["/var/lib/berth/storage/blobs/", `${blobs}/`],
    ...outside(pair, port),
  ]);
}

function siteOfThree(berthUrls: readonly string[], pair: Pair, port: number): string {
  const servers = berthUrls.map((url, n): [string, string] => [`berth-${n + 1}:5000`, new URL(url).host]);
  return exchange("berth-ha.conf", [...servers, ...outside(pair, port)]);
}

/** Where clients come in. */
function outside(pair: Pair, port: number): [string, string][] {
  return [
    ["listen 443 ssl http2;", `listen 127.0.0.1:${port} ssl http2;`],
    ["  listen [::]:443 ssl http2;\n", ""],
    ["/etc/nginx/tls/registry.pem", pair.certificate],
    ["/etc/nginx/tls/registry.key", pair.key],
  ];
}

function exchange(name: string, exchanged: readonly [string, string][]): string {
  return exchanged.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`docker/nginx/${name} has not one "${from}"`);
    return text.replace(from, to);
  }, read(name));
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
