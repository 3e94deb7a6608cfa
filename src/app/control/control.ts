/**
 * The control socket, DATA/control.sock: the accounts' API for whoever may use the data folder's files, and,
 * with SQLite, the way of commands to the one writer. `berth user …` speaks to it; without a server the command
 * line serves it itself for one call.
 */
import { rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Op } from "#adapters/sqlite/operations/operations.ts";
import type { Outcome } from "#adapters/sqlite/outcome.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import { answerOperations, operationsPath } from "./control-operations.ts";

export interface ControlParts extends Pick<Metadata, "accounts"> {
  /** Changes that commands send (operator-metadata.ts); undefined: they have a way of their own. */
  submitBatch?: ((ops: readonly Op[]) => Promise<Outcome[]>) | undefined;
  /** The rules that the server runs with (rules-in-force.ts), for commands that must run with the same. */
  rules?: Readonly<Record<string, string>> | undefined;
}

/** Where the socket tells the rules in force, as JSON. */
export const rulesPath = "/rules";

/** Longer ones are cut off or refused, by the operating system's measure (107 bytes on Linux, 103 on macOS). */
const longestPath = 100;

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
export async function startControl(data: string, parts: ControlParts, log: Logger): Promise<AsyncDisposable> {
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
    return await serveControl(path, parts, log);
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
  { accounts, submitBatch, rules }: ControlParts,
  log: Logger,
): Promise<AsyncDisposable> {
  await rm(path, { force: true });
  // Most servers are never asked: what answers is loaded with the first request.
  let answering: Promise<RequestListener> | undefined;
  const server = createServer((request, response) => {
    const fail = (err: unknown) => {
      log.error({ err }, "the control socket can't answer");
      response.destroy();
    };
    if (submitBatch !== undefined && request.method === "POST" && request.url === operationsPath) {
      answerOperations(submitBatch, request, response).catch(fail);
      return;
    }
    if (rules !== undefined && request.method === "GET" && request.url === rulesPath) {
      response.setHeader("content-type", "application/json").end(JSON.stringify(rules));
      return;
    }
    answering ??= import("./control-api.ts").then(({ createControlApi }) => createControlApi(accounts, log));
    answering.then((answer) => void answer(request, response), fail);
  });
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
