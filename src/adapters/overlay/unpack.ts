import { randomBytes } from "node:crypto";
import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import type { IdRange } from "#core/engine/id-range.ts";
import type { Compression, LayerId, LayerRecord } from "#core/engine/snapshots.ts";
import { AppError } from "#core/errors.ts";
import { algorithmOf, digestSoFar, hasher, type Digest } from "#oci/digest.ts";
import { runProgram } from "#kit/run-program.ts";
import { temporaryPrefix, type Folders } from "./folders.ts";
import { linkProgram } from "./inside/link-program.ts";
import { runInside } from "./inside/run-inside.ts";
import { unpackProgram } from "./inside/unpack-program.ts";
import { metered } from "./metered.ts";
import { viewOption } from "./mount-option.ts";
import { shiftOwner } from "./shift-owner.ts";
import { entryFrames } from "./tar/entry-frames.ts";
import { layerInvalid, shown } from "./tar/layer-invalid.ts";
import type { UnpackLimits } from "./unpack-limits.ts";

/**
 * Unpacks one layer: bytes → uncompressed, counted and hashed → entries, checked (here) → made in a folder of its own
 * by a child that is locked into it (inside/) → durable, then in place under a name of its own.
 */
export function createUnpack(folders: Folders, limits: UnpackLimits, ids?: IdRange) {
  return async function unpack(
    diffId: Digest | undefined,
    below: readonly LayerId[],
    body: AsyncIterable<Uint8Array>,
    compression: Compression,
    signal?: AbortSignal,
  ): Promise<LayerRecord> {
    const id = newId();
    const place = join(folders.layers, `${temporaryPrefix}${id}`);
    const algorithm = diffId === undefined ? "sha256" : algorithmOf(diffId);
    const hash = hasher(algorithm);
    let size = 0;
    await mkdir(place, { mode: 0o755 });
    try {
      const tar = metered(body, compression, limits, folders.layers, (chunk) => void hash.update(chunk));
      const input = entryFrames(tar, {
        whiteouts: true,
        mostEntries: limits.entries,
        each: (entry) => {
          size += entry.size;
          shiftOwner(entry, ids);
        },
      });
      const missing = await runInside(unpackProgram, [place], { input, ids, ...(signal && { signal }) });
      const digest = digestSoFar(algorithm, hash);
      if (diffId !== undefined && digest !== diffId)
        throw new AppError("layer-invalid", `the layer's content is ${digest} when unpacked, not ${diffId}`);
      if (missing.length > 0) await linkBelow(folders, below, place, missing, ids);
      await settle(folders, place, id);
      return { id, diffId: digest, size };
    } catch (error) {
      await runProgram("rm", ["-rf", "--", place]);
      throw error;
    }
  };
}

async function linkBelow(
  folders: Folders,
  below: readonly LayerId[],
  place: string,
  links: Buffer,
  ids: IdRange | undefined,
) {
  if (below.length === 0) {
    const [path, target] = links.toString("latin1").split("\0");
    throw layerInvalid(`${shown(path ?? "")} is a link to ${shown(target ?? "")}, which isn't there`);
  }
  const at = `${place}-below`;
  await mkdir(at);
  try {
    async function* input(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(links);
    }
    await runInside(linkProgram, [folders.layers, viewOption(below, false), at, place], {
      input: input(),
      ids,
    });
  } finally {
    await runProgram("rm", ["-rf", "--one-file-system", "--", at]);
  }
}

/** All of it on the disk before its name is, so that no record can come to name half a layer. */
async function settle(folders: Folders, place: string, id: LayerId): Promise<void> {
  const { code, stderr } = await runProgram("sync", ["-f", place], { timeout: 600_000 });
  if (code !== 0)
    throw new AppError("engine-failed", "a layer could not be made durable", { cause: new Error(stderr) });
  await rename(place, folders.layer(id));
  const folder = await open(folders.layers);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** By chance, not of the digest: its beginning could be made to fit another layer's. */
function newId(): LayerId {
  let id = "";
  while (id.length < 12)
    id += randomBytes(24)
      .toString("base64")
      .toLowerCase()
      .replace(/[^a-z0-9]/g, "");
  return id.slice(0, 12) as LayerId;
}
