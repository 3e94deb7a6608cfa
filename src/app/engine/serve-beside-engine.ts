/**
 * `berth serve` by root with the engine enabled: this process, which speaks to nobody, starts the engine as root and
 * the registry as a user that isn't. So the engine can be started again, and what faces the network never was root.
 */
import { chown, mkdir } from "node:fs/promises";
import { once } from "node:events";
import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { startBerth, stopBerth, type BerthProcess } from "./berth-process.ts";
import { startEngineChild } from "./engine-child.ts";
import { mayWrite } from "./may-write.ts";
import { servingUser, type ServingUser } from "./serving-user.ts";

export interface Beside {
  serve: Pick<BerthProcess, "args" | "env">;
  engine: Pick<BerthProcess, "args" | "env">;
}

/** More than the registry's own keeper gives its workers. ms */
const grace = 30_000;

/** Runs both until a signal, or until the registry ends; its exit code. */
export async function serveBesideEngine(config: Config, beside: Beside, log: Logger): Promise<number> {
  const user = await servingUser(config);
  if (user.uid === 0) log.warn("user is root: whoever breaks into the registry is root on this machine");
  await ownFolder(config.data, user);
  if (!(await mayWrite(config.data, user)))
    throw new AppError(
      "unavailable",
      `the registry serves as ${user.name}, who can't write to ${config.data}: ` +
        `chown -R ${user.uid}:${user.gid} ${config.data}; or name another "user" in the configuration`,
    );
  await using engine = startEngineChild({ ...beside.engine, log });
  log.info({ user: user.name }, "the registry serves as this user, the engine as root");
  const registry = startBerth({ ...beside.serve, apart: false, ...(user.uid !== 0 && { user }) });
  const reload = () => {
    registry.kill("SIGHUP");
    engine.reload();
  };
  const stop = () => void stopBerth(registry, config.limits.drain_timeout + grace);
  // Where a terminal was closed it means the end.
  const hangUp = process.stdin.isTTY ? stop : reload;
  process.on("SIGHUP", hangUp);
  for (const name of ["SIGTERM", "SIGINT"]) process.on(name, stop);
  try {
    const [code] = (await once(registry, "exit")) as [number | null];
    return code ?? 1;
  } catch (cause) {
    throw new AppError("unavailable", `the registry can't be started as ${user.name}: ${String(cause)}`, {
      cause,
    });
  } finally {
    process.off("SIGHUP", hangUp);
    for (const name of ["SIGTERM", "SIGINT"]) process.off(name, stop);
  }
}

/** A folder that is made here belongs to who uses it; one that is there stays as it is. */
async function ownFolder(folder: string, { uid, gid }: ServingUser): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o755 });
  if (made !== undefined) await chown(folder, uid, gid);
}
