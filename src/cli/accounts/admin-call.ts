import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { controlPath, serveControl } from "#app/control/control.ts";
import { openOwnMetadata } from "#app/open/operator-metadata.ts";
import { reachFolder } from "#app/open/reach-folder.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";

/** Calls the accounts' API: what it answers, `undefined` for 204. Throws AppError with its words. */
export type AdminCall = (
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE",
  path: string,
  body?: object,
) => Promise<unknown>;

const answerTimeout = 60_000;

/**
 * Does some work with the API of the server that has the data folder, or, where none runs, with the same
 * API served here for so long.
 */
export async function withAdmin(config: Config, work: (call: AdminCall) => Promise<void>): Promise<void> {
  const { socket, lock } = await reachFolder(config);
  if (socket !== undefined) return work(callerOf(socket));
  await using parts = new AsyncDisposableStack();
  parts.use(lock);
  const metadata = parts.use(await openOwnMetadata(config));
  // Of its own, short and on a file system that has sockets; others who want the folder wait for the lock.
  const folder = await mkdtemp(join(tmpdir(), "berth-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const path = controlPath(folder);
  parts.use(await serveControl(path, metadata, pino({ level: "error" }, pino.destination(2))));
  await work(callerOf(path));
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
