import type { MountRequest } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import { tmpfsOptions } from "../tmpfs-options.ts";
import { checkTarget } from "./read-bind.ts";

const propagations = ["", "private", "rprivate", "shared", "rshared", "slave", "rslave"];

/** One `--mount`, by itself. Throws engine-invalid, in docker's words. */
export function checkMount(mount: MountRequest): void {
  const { Type, Source, Target, BindOptions } = mount;
  const fault = (why: string) =>
    new AppError("engine-invalid", `invalid mount config for type "${Type}": ${why}`);
  if (Target === "") throw fault("field Target must not be empty");
  checkTarget(Target, fault);
  switch (Type) {
    case "bind": {
      const propagation = BindOptions?.Propagation ?? "";
      if (Source === "") throw fault("field Source must not be empty");
      if (!Source.startsWith("/")) throw fault(`invalid mount path: '${Source}' mount path must be absolute`);
      if (!propagations.includes(propagation)) throw fault(`invalid propagation mode: ${propagation}`);
      break;
    }
    case "volume":
      if (Source === "" && mount.ReadOnly === true)
        throw fault("must not set ReadOnly mode when using anonymous volumes");
      break;
    case "tmpfs":
      if (Source !== "") throw fault("field Source must not be specified");
      if ((mount.TmpfsOptions?.SizeBytes ?? 0) < 0) throw fault("the size must not be negative");
      break;
  }
}

/** What mount(8) is told of a `--mount type=tmpfs`. */
export function tmpfsOf({ ReadOnly, TmpfsOptions }: MountRequest): string[] {
  const { SizeBytes = 0, Mode = 0 } = TmpfsOptions ?? {};
  const options = [
    ...(ReadOnly === true ? ["ro"] : []),
    ...(Mode > 0 ? [`mode=${Mode.toString(8)}`] : []),
    ...(SizeBytes > 0 ? [`size=${SizeBytes}`] : []),
  ];
  return tmpfsOptions(options.join(","));
}
