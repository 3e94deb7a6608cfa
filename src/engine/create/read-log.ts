import type { HostConfig } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { JsonFields } from "./json-fields.ts";

type LogConfig = HostConfig["LogConfig"];

/** Both are the engine's own log file. */
const options: Readonly<Record<string, readonly string[]>> = {
  "json-file": ["max-file", "max-size", "compress", "labels", "labels-regex", "env", "env-regex", "tag"],
  local: ["max-file", "max-size", "compress"],
};
const sizePattern = /^\d+(\.\d+)?\s*[kmgtp]?i?b?$/i;

/** `--log-driver`, `--log-opt`. Throws engine-invalid, in docker's words. */
export function readLog(fields: JsonFields | undefined): LogConfig {
  const Type = fields?.text("Type") || "json-file";
  const Config = fields?.textMap("Config") ?? {};
  if (Type === "none") return { Type, Config };
  const known = options[Type];
  if (known === undefined)
    throw invalid(`error looking up logging plugin ${Type}: plugin "${Type}" not found`);
  for (const key of Object.keys(Config)) {
    if (known.includes(key) || key === "mode" || key === "max-buffer-size") continue;
    throw invalid(
      Type === "local"
        ? `unknown log opt '${key}' for log driver local`
        : `unknown log opt '${key}' for ${Type} log driver`,
    );
  }
  checkMode(Config);
  checkLimits(Config);
  return { Type, Config };
}

function checkMode({ mode, "max-buffer-size": buffer }: Record<string, string>): void {
  if (mode !== undefined && !["", "blocking", "non-blocking"].includes(mode))
    throw invalid(`logger: logging mode not supported: ${mode}`);
  if (buffer === undefined) return;
  if (mode !== "non-blocking")
    throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  if (!sizePattern.test(buffer))
    throw invalid(`error parsing option max-buffer-size: invalid size: '${buffer}'`);
}

function checkLimits({ "max-size": size, "max-file": files, compress }: Record<string, string>): void {
  if (size !== undefined && size !== "-1" && !sizePattern.test(size))
    throw invalid(`invalid size: '${size}'`);
  if (files !== undefined && !/^\d{1,6}$/.test(files))
    throw invalid(`max-file must be a number, not '${files}'`);
  if (files !== undefined && Number(files) < 1) throw invalid("max-file cannot be less than 1");
  if (compress !== undefined && !/^(1|0|t|f|true|false)$/i.test(compress))
    throw invalid(`compress must be true or false, not '${compress}'`);
}

function invalid(message: string): AppError {
  return new AppError("engine-invalid", message);
}
