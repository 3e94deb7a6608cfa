/** How a verb of the command line gets to a data folder: through the server that has it, or alone. */
import { access, constants, stat } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { lockFolder } from "#adapters/sqlite/folder-lock.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { controlPath, fitsSocket } from "../control/control.ts";
import { makeDataFolder } from "./storage.ts";

/** The control socket of the server that has the folder, or the folder's lock where there is none. */
export type Reached = { socket: string; lock?: never } | { lock: Disposable; socket?: never };

/** How long a server that starts or stops, or another command, may hold the folder. */
const patience = 5_000;
const look = 100;

/** Makes the folder when it isn't there. Throws unavailable where this user may not use it or nobody answers. */
export async function reachFolder(config: Config): Promise<Reached> {
  const path = controlPath(config.data);
  const end = Date.now() + patience;
  for (;;) {
    if (fitsSocket(path) && (await answers(path))) return { socket: path };
    await makeDataFolder(config);
    await checkOwner(config.data);
    try {
      return { lock: lockFolder(config.data) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (Date.now() >= end) throw new AppError("unavailable", takenFor(path, error.message));
    }
    await pause(look);
  }
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
export function answers(path: string): Promise<boolean> {
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
