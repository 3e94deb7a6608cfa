import type { MountRequest } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import { cleanPath } from "../clean-path.ts";

/** A bind string, `source:target[:mode]`, taken apart. */
export interface Bind extends MountRequest {
  /** As it was written. */
  mode: string;
}

const kinds: readonly (readonly string[])[] = [
  ["rw", "ro"],
  ["z", "Z"],
  ["private", "rprivate", "shared", "rshared", "slave", "rslave"],
  ["nocopy"],
  ["consistent", "cached", "delegated"],
];

/**
 * Source is a path of the host or a volume's name; without one it is a new volume. Throws engine-invalid, in docker's
 * words.
 */
export function readBind(text: string): Bind {
  const invalid = (why = "") =>
    new AppError("engine-invalid", `invalid volume specification: '${text}'${why}`);
  const parts = text.split(":");
  const [first = "", second, mode = ""] = parts;
  if (parts.length > 3 || first === "" || second === "") throw invalid();
  if (second !== undefined && parts.length === 2 && isMode(second)) throw invalid();
  if (!isMode(mode) && mode !== "") throw new AppError("engine-invalid", `invalid mode: ${mode}`);
  const source = second === undefined ? "" : first;
  const target = second ?? first;
  const type = source.startsWith("/") ? "bind" : "volume";
  const fault = (why: string) => invalid(`: invalid mount config for type "${type}": ${why}`);
  checkTarget(target, fault);
  const options = mode.split(",");
  const propagation = options.find((option) => kinds[2]?.includes(option)) ?? "";
  const noCopy = options.includes("nocopy");
  if (type === "bind" && noCopy) throw fault("field VolumeOptions must not be specified");
  if (type === "volume" && propagation !== "") throw fault("field BindOptions must not be specified");
  return {
    Type: type,
    Source: type === "bind" ? cleanPath(source) : source,
    Target: cleanPath(target),
    ReadOnly: options.includes("ro"),
    ...(type === "bind"
      ? { BindOptions: { Propagation: propagation } }
      : { VolumeOptions: { NoCopy: noCopy } }),
    mode,
  };
}

/** `ro,z`: options that there are, one of a kind. */
export function isMode(mode: string): boolean {
  const counts = new Map<number, number>();
  for (const option of mode.split(",")) {
    const kind = kinds.findIndex((names) => names.includes(option));
    if (kind < 0 || counts.has(kind)) return false;
    counts.set(kind, 1);
  }
  return true;
}

/** Where something is mounted in a container: an absolute path, and not the root. */
export function checkTarget(target: string, fault: (why: string) => AppError): void {
  if (!target.startsWith("/")) throw fault(`invalid mount path: '${target}' mount path must be absolute`);
  if (cleanPath(target) === "/") throw fault("invalid specification: destination can't be '/'");
}
