/**
 * The control socket, DATA/control.sock: the accounts' API for whoever may use the data folder's files.
 * `berth user …` speaks to it; without a server the command line serves it itself for one call.
 */
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Logger } from "pino";
import { createAccountManagement } from "#auth/accounts.ts";
import type { Caller } from "#core/caller.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { createApiDoor } from "#http/admin/api-door.ts";
import type { ApiNeeds } from "#http/admin/api-needs.ts";
import { createEdge } from "#http/edge/edge.ts";
import { exchangeOf } from "#http/edge/exchange.ts";
import { createOrigins } from "#http/edge/origin.ts";

/** Longer ones are cut off or refused, by the operating system's measure (107 bytes on Linux, 103 on macOS). */
const longestPath = 100;

const operator: Omit<Caller, "request"> = {
  kind: "operator",
  id: undefined,
  name: "operator",
  admin: true,
  groups: [],
  rights: [],
  grants: undefined,
  limits: undefined,
  address: "",
};

/** Where the socket of a data folder is. */
export function controlPath(data: string): string {
  return join(data, "control.sock");
}

/** Whether the operating system takes a socket of this path. */
export function fitsSocket(path: string): boolean {
  return Buffer.byteLength(path) <= longestPath;
}

/**
 * Serves the socket of a running server until disposed; whoever calls holds the folder's lock, so what lies
 * there is a leftover. Where there can be none the log says so, and the server goes on without.
 */
export async function startControl(
  data: string,
  metadata: Pick<Metadata, "accounts">,
  log: Logger,
): Promise<AsyncDisposable> {
  const path = controlPath(data);
  const none = { [Symbol.asyncDispose]: () => Promise.resolve() };
  if (!fitsSocket(path)) {
    log.warn(
      { path },
      `no control socket: its path has more than ${longestPath} bytes; shorten that of the data folder`,
    );
    return none;
  }
  try {
    return await serveControl(path, metadata, log);
  } catch (err) {
    log.warn(
      { err, path },
      "no control socket: berth user, group, robot and token work when the server is stopped",
    );
    return none;
  }
}

/** Serves the accounts' API on a socket that only this user may connect to. Throws what listening throws. */
export async function serveControl(
  path: string,
  { accounts }: Pick<Metadata, "accounts">,
  log: Logger,
): Promise<AsyncDisposable> {
  const management = createAccountManagement({
    accounts,
    clock: Date.now,
    // Nobody is himself here: the operator sets passwords without saying the old ones.
    proves: () => Promise.resolve(false),
  });
  const identify: ApiNeeds["identify"] = (ctx) =>
    Promise.resolve({ ...operator, request: exchangeOf(ctx).id });
  const edge = createEdge({
    log,
    accessLog: false,
    meter: { request: () => undefined },
    origins: createOrigins(undefined, []),
    doors: [createApiDoor({ ...management, identify })],
  });
  await rm(path, { force: true });
  const handle = edge.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // The socket is made in this very call: nobody gets to it before its mode is set.
    const mask = process.umask(0o177);
    server.listen(path, resolve);
    process.umask(mask);
  });
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await rm(path, { force: true });
    },
  };
}
