import type { LayerId } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import { emptyLayer, mountpointsLayer } from "./folders.ts";

/** mount(2) takes one page, its end included; what is longer is cut without a word. */
const mostBytes = 4095;
/** Fixed, whatever the kernel's default: the writable part has to make sense on its own. */
const fixed = "index=off,metacopy=off,redirect_dir=nofollow";

/** overlayfs' options for a container; names are relative to the layers' folder. @param layers base first */
export function writableOption(container: string, layers: readonly LayerId[], volatile: boolean): string {
  const place = `../containers/${container}`;
  const parts = [`lowerdir=${below(layers)}`, `upperdir=${place}/upper`, `workdir=${place}/work`, fixed];
  if (volatile) parts.push("volatile");
  return checked(parts.join(","), layers);
}

/** The same for looking only: what the container has before it writes. */
export function viewOption(layers: readonly LayerId[], mountpoints = true): string {
  const names = mountpoints ? below(layers) : topFirst(layers).join(":");
  return checked(`lowerdir=${names}:${emptyLayer},metacopy=off,redirect_dir=nofollow`, layers);
}

function below(layers: readonly LayerId[]): string {
  return [...topFirst(layers), mountpointsLayer].join(":");
}

/** A layer that an image has twice (an empty one, mostly) counts where it lies highest; overlayfs takes none twice. */
function topFirst(layers: readonly LayerId[]): LayerId[] {
  return [...new Set([...layers].reverse())];
}

function checked(option: string, layers: readonly LayerId[]): string {
  if (Buffer.byteLength(option) <= mostBytes) return option;
  throw new AppError(
    "engine-failed",
    `the image has ${layers.length} layers, more than can be mounted together; flatten it`,
  );
}
