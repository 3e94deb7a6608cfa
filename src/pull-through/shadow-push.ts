import { AppError } from "#core/errors.ts";
import type { Ingest } from "#core/ingest.ts";
import type { Live } from "#core/live.ts";
import { parseManifest } from "#oci/manifest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { isCode } from "./faults.ts";
import type { Fill } from "./fill.ts";
import type { UpstreamMap, UpstreamPlace } from "./upstream-map.ts";

/** What is pushed, as far as it matters here. */
interface PushedManifest {
  repository: RepositoryName;
  bytes: Uint8Array;
  contentType: string | undefined;
}

export interface ShadowPushParts {
  map: Live<{ map: UpstreamMap }>;
  fill: Pick<Fill, "blob">;
  ingest: Pick<Ingest, "mountBlob">;
}

/**
 * A push under an upstream's name, where that is let in. A client that asks whether the blobs are there is told of those
 * that the upstream has, and doesn't send them: they are brought from there when the manifest that names them comes.
 */
export function createShadowPush({ map, fill, ingest }: ShadowPushParts) {
  async function bring(place: UpstreamPlace, { bytes, contentType }: PushedManifest): Promise<void> {
    const parsed = parseManifest(bytes, contentType);
    if ("fault" in parsed) return;
    for (const { digest } of parsed.manifest.blobs)
      try {
        await fill.blob(place.repository, digest, () => undefined);
        await ingest.mountBlob(place.repository, digest, place.cached);
      } catch (error) {
        // The push is refused then, in its own words.
        if (!(error instanceof AppError)) throw error;
      }
  }

  return <P extends PushedManifest, R>(put: (push: P) => Promise<R>) =>
    async (push: P): Promise<R> => {
      try {
        return await put(push);
      } catch (error) {
        const place = map.current.map.place(push.repository);
        if (place?.upstream.push !== "allow" || !isCode(error, "reference-missing")) throw error;
        await bring(place, push);
        return put(push);
      }
    };
}
