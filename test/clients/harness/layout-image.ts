import { readFileSync } from "node:fs";
import { blobPath, type Layout } from "./oci-layout.ts";

/** What one image of a layout is made of. */
export interface LayoutImage {
  /** Digest of its manifest. */
  digest: string;
  /** Digest of its configuration, which is what Docker calls its id. */
  id: string;
  /** Digests of configuration and layers. */
  digests: string[];
  /** Bytes of those. */
  bytes: number;
}

/** @param n its place among the layout's images */
export function layoutImage(layout: Layout, n = 0): LayoutImage {
  const digest = layout.manifests[n] ?? "";
  const { config, layers } = JSON.parse(readFileSync(blobPath(layout.folder, digest), "utf8")) as {
    config: Descriptor;
    layers: Descriptor[];
  };
  const parts = [config, ...layers];
  return {
    digest,
    id: config.digest,
    digests: parts.map((part) => part.digest),
    bytes: parts.reduce((sum, part) => sum + part.size, 0),
  };
}

interface Descriptor {
  digest: string;
  size: number;
}
