import type { LogLine, LogQuery } from "#core/engine/output.ts";
import { AppError } from "#core/errors.ts";
import type { ContainersParts } from "./parts.ts";

export interface ContainerLogs {
  tty: boolean;
  lines: AsyncIterable<LogLine>;
  /** For `details`: what its log options name. */
  attributes: Record<string, string>;
}

export function createLogs({ book, monitor }: ContainersParts) {
  return (ref: string, query: LogQuery, signal: AbortSignal): Promise<ContainerLogs> => {
    const { id, config, host } = book.find(ref);
    if (host.LogConfig.Type === "none")
      throw new AppError("engine-unsupported", "configured logging driver does not support reading");
    const labels = (host.LogConfig.Config["labels"] ?? "").split(",").filter((name) => name !== "");
    const variables = (host.LogConfig.Config["env"] ?? "").split(",").filter((name) => name !== "");
    const attributes: Record<string, string> = {};
    for (const name of labels) if (config.Labels[name] !== undefined) attributes[name] = config.Labels[name];
    for (const entry of config.Env) {
      const [name = "", ...value] = entry.split("=");
      if (variables.includes(name)) attributes[name] = value.join("=");
    }
    return Promise.resolve({ tty: config.Tty, lines: monitor.logs(id, query, signal), attributes });
  };
}
