import { AppError } from "#core/errors.ts";

/** What a client wants to run in a container, settled. Docker Engine API "ContainerExec". */
export interface ExecOrder {
  command: string[];
  env: string[];
  user: string;
  workingDir: string;
  privileged: boolean;
  tty: boolean;
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  detachKeys: string;
  size: { rows: number; columns: number } | undefined;
}

/** Throws engine-invalid. */
export function readExec(body: Record<string, unknown>): ExecOrder {
  const command = texts(body, "Cmd");
  if (command.length === 0) throw new AppError("engine-invalid", "No exec command specified");
  const size = body["ConsoleSize"];
  const [rows, columns] = Array.isArray(size) ? (size as unknown[]) : [];
  return {
    command,
    env: texts(body, "Env"),
    user: text(body, "User"),
    workingDir: text(body, "WorkingDir"),
    privileged: body["Privileged"] === true,
    tty: body["Tty"] === true,
    stdin: body["AttachStdin"] === true,
    stdout: body["AttachStdout"] === true,
    stderr: body["AttachStderr"] === true,
    detachKeys: text(body, "DetachKeys"),
    size:
      typeof rows === "number" && typeof columns === "number" && rows > 0 && columns > 0
        ? { rows, columns }
        : undefined,
  };
}

function text(body: Record<string, unknown>, key: string): string {
  const value = body[key] ?? "";
  if (typeof value !== "string") throw new AppError("engine-invalid", `${key} must be a text`);
  return value;
}

function texts(body: Record<string, unknown>, key: string): string[] {
  const value = body[key] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string" && !item.includes("\0")))
    throw new AppError("engine-invalid", `${key} must be a list of texts without NUL`);
  return value as string[];
}
