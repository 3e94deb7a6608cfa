import { noTime, type ContainerRecord, type ContainerState } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";

export const fresh: ContainerState = {
  status: "created",
  pid: 0,
  exitCode: 0,
  error: "",
  oomKilled: false,
  startedAt: noTime,
  finishedAt: noTime,
};

/** The code of a container whose end nobody saw, as docker's. */
export const unknownEnd = 255;

/** It has processes, though they may be frozen. */
export function isRunning({ state }: ContainerRecord): boolean {
  return state.status === "running" || state.status === "paused";
}

export function mustRun(record: ContainerRecord, ref = record.id): void {
  if (record.state.status === "restarting")
    throw new AppError(
      "engine-conflict",
      `Container ${ref} is restarting, wait until the container is running`,
    );
  if (!isRunning(record)) throw new AppError("engine-conflict", `Container ${ref} is not running`);
}

export function mustNotBePaused(record: ContainerRecord, ref = record.id): void {
  if (record.state.status === "paused")
    throw new AppError("engine-conflict", `Container ${ref} is paused, unpause the container first`);
}
