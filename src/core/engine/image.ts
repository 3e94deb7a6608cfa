import type { Digest } from "#oci/digest.ts";
import type { ImageConfig } from "#oci/image-config.ts";
import type { LayerId } from "./snapshots.ts";

/**
 * An image of the engine's own list: what was run, pulled, loaded, tagged, committed here. Its content (manifest,
 * config, compressed layers) is held in Content for as long as the record is there.
 */
export interface ImageRecord {
  /** The config's digest: docker's image id. */
  id: Digest;
  /** The manifest of this one platform, whose bytes Content has. */
  manifest: Digest;
  manifestType: string;
  config: ImageConfig;
  /** Qualified names with tag, `docker.io/library/busybox:latest`, `localhost:5000/app:1`; empty: dangling. */
  tags: string[];
  /** Qualified names with digest, of the manifest or of the index that was pulled: `localhost:5000/app@sha256:…`. */
  digests: string[];
  /** Base first, one for each layer of the manifest; undefined until they are unpacked. */
  layers: LayerId[] | undefined;
  /** Bytes of the unpacked layers (compressed ones until they are unpacked). */
  size: number;
  /** When it came here or was tagged here last; RFC 3339. */
  tagged: string;
  /** The image that it was committed from. */
  parent?: Digest;
}
