import { AppError } from "#core/errors.ts";

const allowed = "[a-zA-Z0-9][a-zA-Z0-9_.-]";
const pattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
/** It is a folder's name. */
const longest = 255;

/** Throws engine-invalid, in docker's words. */
export function checkVolumeName(name: string): void {
  const invalid = (why: string) => new AppError("engine-invalid", `create ${name}: ${why}`);
  if (name.length === 1)
    throw invalid("volume name is too short, names should be at least two alphanumeric characters");
  if (!pattern.test(name))
    throw invalid(
      `${JSON.stringify(name)} includes invalid characters for a local volume name, only "${allowed}" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  if (name.length > longest) throw invalid(`volume name is too long, ${longest} characters are the most`);
}

/** There is one driver; others would be programs that there are none of. Throws engine-missing. */
export function checkVolumeDriver(name: string, driver: string): void {
  if (driver !== "" && driver !== "local")
    throw new AppError(
      "engine-missing",
      `create ${name}: error looking up volume plugin ${driver}: plugin ${JSON.stringify(driver)} not found`,
    );
}

/** What the driver `local` takes: a mount, as mount(8) is told it. Throws engine-invalid. */
export function checkVolumeOptions(name: string, options: Readonly<Record<string, string>>): void {
  const invalid = (why: string) => new AppError("engine-invalid", `create ${name}: ${why}`);
  for (const key of Object.keys(options)) {
    if (key === "size") throw invalid("quota size requested but no quota support");
    if (!["type", "o", "device"].includes(key)) throw invalid(`invalid option: ${JSON.stringify(key)}`);
  }
  if (Object.keys(options).length === 0) return;
  if (!options["device"]) throw invalid('missing required option: "device"');
  if (!options["type"] && !bindsHost(options)) throw invalid('missing required option: "type"');
}

/** Whether such a volume is a folder of the host. */
export function bindsHost(options: Readonly<Record<string, string>>): boolean {
  return (options["o"] ?? "").split(",").some((option) => option === "bind" || option === "rbind");
}
