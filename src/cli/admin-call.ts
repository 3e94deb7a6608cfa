import { access, constants, mkdtemp, rm, stat } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pino from "pino";
import { controlPath, fitsSocket, serveControl } from "#app/control.ts";
import { openMetadata } from "#app/open-metadata.ts";
import { makeDataFolder } from "#app/storage.ts";
import { lockFolder } from "#adapters/sqlite/folder-lock.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";

/** Calls the accounts' API: what it answers, `undefined` for 204. Throws AppError with its words. */
export type AdminCall = (
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE",
  path: string,
  body?: object,
) => Promise<unknown>;

/** How long a server that starts or stops, or another command, may hold the folder. */
const patience = 5_000;
const look = 100;
const answerTimeout = 60_000;

/**
 * Does some work with the API of the server that has the data folder, or, where none runs, with the same
 * API served here for so long.
 */
export async function withAdmin(config: Config, work: (call: AdminCall) => Promise<void>): Promise<void> {
  const path = controlPath(config.data);
  const end = Date.now() + patience;
  for (;;) {
    if (fitsSocket(path) && (await answers(path))) return work(callerOf(path));
    try {
      return await serveHere(config, work);
    } catch (error) {
      if (!(error instanceof FolderTaken)) throw error;
      if (Date.now() >= end) throw new AppError("unavailable", takenFor(path, error.message));
    }
    await pause(look);
  }
}

class FolderTaken extends Error {}

async function serveHere(config: Config, work: (call: AdminCall) => Promise<void>): Promise<void> {
  await makeDataFolder(config);
  await checkOwner(config.data);
  await using parts = new AsyncDisposableStack();
  try {
    parts.use(lockFolder(config.data));
  } catch (error) {
    if (error instanceof AppError) throw new FolderTaken(error.message);
    throw error;
  }
  const metadata = parts.use(await openMetadata(config));
  // Of its own, short and on a file system that has sockets; others who want the folder wait for the lock.
  const folder = await mkdtemp(join(tmpdir(), "berth-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const path = controlPath(folder);
  parts.use(await serveControl(path, metadata, pino({ level: "error" }, pino.destination(2))));
  await work(callerOf(path));
}

/** Who may not write the folder is told so; files that root makes in another's would stop that one's server. */
async function checkOwner(data: string): Promise<void> {
  try {
    await access(data, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const message = `this user may not write the data folder ${data}: run this as the user that the server runs as`;
    throw new AppError("unavailable", message, { cause });
  }
  const { uid } = await stat(data);
  if (process.getuid?.() !== 0 || uid === 0) return;
  throw new AppError(
    "unavailable",
    `the data folder ${data} belongs to user ${uid}, and no server runs on it: ` +
      `run this as that user (sudo -u '#${uid}' berth …), or start the server first`,
  );
}

/** Whether somebody serves the socket. Throws unavailable where this user may not know. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EACCES" || error.code === "EPERM")
        reject(
          new AppError(
            "unavailable",
            `this user may not use ${path}: run this as the user that the server runs as, or as root`,
          ),
        );
      else resolve(false);
    });
  });
}

function takenFor(path: string, message: string): string {
  return fitsSocket(path)
    ? `${message}; nobody answers on its control socket ${path}`
    : `${message}; it has no control socket, because the path of the data folder is too long`;
}

function callerOf(socketPath: string): AdminCall {
  return async (method, path, body) => {
    const { status, text } = await send(socketPath, method, path, body);
    const answer: unknown = text === "" ? undefined : JSON.parse(text);
    if (status < 400) return answer;
    const { errors } = answer as { errors?: { message: string }[] };
    throw new AppError("account-invalid", errors?.[0]?.message ?? `the server answered ${status}`);
  };
}

function send(
  socketPath: string,
  method: string,
  path: string,
  body: object | undefined,
): Promise<{ status: number; text: string }> {
  const bytes = body === undefined ? "" : JSON.stringify(body);
  const headers: Record<string, string | number> = {
    host: "localhost",
    "content-length": Buffer.byteLength(bytes),
  };
  if (body !== undefined) headers["content-type"] = "application/json";
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => {
      reject(new AppError("unavailable", `the server went away: ${cause.message}`, { cause }));
    };
    const request = httpRequest({ socketPath, method, path, headers, agent: false, timeout: answerTimeout });
    request.on("error", fail);
    request.on("timeout", () => request.destroy(new Error("it doesn't answer")));
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("error", fail);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 500, text });
      });
    });
    request.end(bytes);
  });
}
