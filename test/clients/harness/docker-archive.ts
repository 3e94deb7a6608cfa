import { closeSync, openSync, writevSync } from "node:fs";
import { imageConfig, layerArchives, sha256, type ImageContent } from "./image-content.ts";
import { tarEnd, tarFile } from "./tar.ts";

/**
 * Writes an archive that `docker load` reads, as `docker save` would.
 * Gives the image's id, which is the digest of its configuration.
 */
export function writeDockerArchive(path: string, name: string, image: ImageContent): string {
  const file = openSync(path, "w");
  try {
    const put = (entry: string, bytes: Uint8Array) => writevSync(file, tarFile({ name: entry, bytes }));
    const diffIds: string[] = [];
    for (const archive of layerArchives(image)) {
      put(`${String(diffIds.length)}.tar`, archive);
      diffIds.push(sha256(archive));
    }
    const config = imageConfig(image, diffIds);
    put("config.json", config);
    const layers = diffIds.map((_, n) => `${String(n)}.tar`);
    const manifest = [{ Config: "config.json", RepoTags: [name], Layers: layers }];
    put("manifest.json", Buffer.from(JSON.stringify(manifest)));
    writevSync(file, [tarEnd]);
    return sha256(config);
  } finally {
    closeSync(file);
  }
}
