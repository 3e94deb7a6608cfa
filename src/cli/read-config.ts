import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Fault } from "#config/fault.ts";
import { loadConfig, type LoadedConfig } from "#config/load-config.ts";
import { FILE_VARIABLE } from "#config/read-environment.ts";
import { flagValues, type FlagKeys } from "./config-flags.ts";
import { defaultDataFolder } from "./default-data-folder.ts";
import type { Io } from "./io.ts";
import type { Flags } from "./parse-flags.ts";

/** The name of the configuration file: `--config`, else `BERTH_CONFIG`; undefined without either. */
export function configFileName(flags: Flags, { env }: Pick<Io, "env">): string | undefined {
  return flags.get("config")?.[0] ?? (env[FILE_VARIABLE] || undefined);
}

/** Reads the file, if one is named, and gives the configuration in force or all its faults. @param keys of the flags. */
export async function readConfig(flags: Flags, io: Io, keys?: FlagKeys): Promise<LoadedConfig> {
  const name = configFileName(flags, io);
  let file: { text: string; name: string } | undefined;
  if (name !== undefined) {
    try {
      const bytes = await readFile(resolve(io.cwd, name));
      file = { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), name };
    } catch (error) {
      return { faults: [fileFault(name, error)] };
    }
  }
  return loadConfig({
    file,
    environment: io.env,
    flags: flagValues(flags, keys),
    defaultData: defaultDataFolder(io),
    cores: io.machine.cores,
    resolvePath: (path) => resolve(io.cwd, path),
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder; name a file",
  ERR_ENCODING_INVALID_ENCODED_DATA: "it is not UTF-8 text",
};

function fileFault(file: string, error: unknown): Fault {
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  const reason = REASONS[code] ?? message;
  return {
    key: "",
    message: `can't read the configuration file: ${reason}`,
    origin: { from: "file", file, line: undefined },
  };
}
