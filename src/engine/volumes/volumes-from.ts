import type { MountPoint } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import type { ContainerLookup } from "../container-lookup.ts";
import { isMode } from "./read-bind.ts";

/** `--volumes-from X[:mode]`: what is mounted in X. Throws engine-invalid: a 404 would make clients pull an image. */
export function mountsFrom(
  specs: readonly string[],
  containers: Pick<ContainerLookup, "find">,
): MountPoint[] {
  return specs.flatMap((spec) => {
    if (spec === "")
      throw new AppError("engine-invalid", "volumes-from specification cannot be an empty string");
    const at = spec.indexOf(":");
    const ref = at < 0 ? spec : spec.slice(0, at);
    const mode = at < 0 ? "" : spec.slice(at + 1);
    if (mode !== "" && !isMode(mode)) throw new AppError("engine-invalid", `invalid mode: ${mode}`);
    const readonly = mode.split(",").includes("ro");
    return mountsOf(ref, containers).map((mount) => {
      const { copyUp: _, ...same } = mount;
      return { ...same, mode: "", rw: mount.rw && !readonly };
    });
  });
}

function mountsOf(ref: string, containers: Pick<ContainerLookup, "find">): MountPoint[] {
  if (ref === "") throw new AppError("engine-invalid", 'invalid name or ID supplied: ""');
  try {
    return containers.find(ref).mounts;
  } catch (error) {
    if (error instanceof AppError && error.code === "engine-missing")
      throw new AppError("engine-invalid", error.message);
    throw error;
  }
}
