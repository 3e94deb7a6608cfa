import type { VolumeStore } from "#core/engine/volume-store.ts";
import { AppError } from "#core/errors.ts";
import { isWithin } from "../clean-path.ts";

/**
 * Folders of the engine's and the registry's own: no container gets them, or what is in them, by a bind. One that lies
 * above them may be bound, and then what is mounted below goes with the host ("holds").
 */
export async function reservedIn(
  store: Pick<VolumeStore, "realPath">,
  path: string,
  reserved: readonly string[],
): Promise<"holds" | undefined> {
  const [real, ...folders] = await Promise.all([path, ...reserved].map((one) => store.realPath(one)));
  const source = real ?? path;
  for (const folder of folders)
    if (isWithin(source, folder))
      throw new AppError(
        "engine-invalid",
        `invalid mount config for type "bind": ${path} belongs to the engine itself or to the registry, and no container may have it`,
      );
  return folders.some((folder) => isWithin(folder, source)) ? "holds" : undefined;
}
