import type { ContainerRecord } from "#core/engine/container.ts";
import type { Launch } from "#core/engine/monitor.ts";
import type { ContainersParts } from "./parts.ts";

/** What the monitor is told of a container, but for its spec. */
export function launchOf(
  { folders, settings }: Pick<ContainersParts, "folders" | "settings">,
  record: ContainerRecord,
): Omit<Launch, "spec"> {
  const { id, name, config, host } = record;
  const { Type, Config } = host.LogConfig;
  return {
    id,
    name,
    folder: folders.path(id),
    tty: config.Tty,
    stdin: config.OpenStdin,
    stdinOnce: config.StdinOnce,
    log: {
      driver: Type === "none" ? "none" : "file",
      maxSize: sizeOf(Config["max-size"]) ?? settings.log.maxSize,
      maxFiles: Config["max-file"] === undefined ? settings.log.maxFiles : Number(Config["max-file"]),
    },
  };
}

const units: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `10m`; checked at create. -1: no bound. */
function sizeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === "-1") return 0;
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([bkmg]?)(?:i?b)?$/i.exec(text) ?? [];
  return number === "" ? undefined : Math.floor(Number(number) * (units[unit.toLowerCase()] ?? 1));
}
