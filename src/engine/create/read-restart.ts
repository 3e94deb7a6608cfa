import type { RestartPolicy } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { JsonFields } from "./json-fields.ts";

const policies: readonly string[] = ["no", "always", "unless-stopped", "on-failure"];

/** Undefined: none was written. Throws engine-invalid. */
export function readRestart(fields: JsonFields | undefined): RestartPolicy | undefined {
  const name = fields?.text("Name") ?? "";
  const count = fields?.whole("MaximumRetryCount") ?? 0;
  if (name === "") return undefined;
  if (!policies.includes(name)) throw new AppError("engine-invalid", `invalid restart policy '${name}'`);
  if (name !== "on-failure" && count !== 0)
    throw new AppError("engine-invalid", `maximum retry count cannot be used with restart policy '${name}'`);
  if (count < 0) throw new AppError("engine-invalid", "maximum retry count cannot be negative");
  return { Name: name as RestartPolicy["Name"], MaximumRetryCount: count };
}
