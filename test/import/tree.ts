import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ManifestContent } from "../harness/registry-content.ts";

/** Writes by hand what Distribution would, and what it never would. */
export function distributionTree(folder: string) {
  const root = join(folder, "docker/registry/v2");

  function write(path: string, bytes: string | Uint8Array): string {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    return file;
  }
  const split = (digest: string) => digest.split(":") as [string, string];
  const dataPath = (digest: string) => {
    const [algorithm, hex] = split(digest);
    return `blobs/${algorithm}/${hex.slice(0, 2)}/${hex}/data`;
  };
  const tree = {
    folder,
    root,
    write,
    dataFile: (digest: string) => join(root, dataPath(digest)),
    data: (digest: string, bytes: string | Uint8Array) => write(dataPath(digest), bytes),
    layer: (repository: string, digest: string) =>
      write(`repositories/${repository}/_layers/${split(digest).join("/")}/link`, digest),
    revision: (repository: string, digest: string) =>
      write(`repositories/${repository}/_manifests/revisions/${split(digest).join("/")}/link`, digest),
    tag: (repository: string, tag: string, link: string) =>
      write(`repositories/${repository}/_manifests/tags/${tag}/current/link`, link),
    push(repository: string, content: ManifestContent, ...tags: string[]) {
      for (const { digest, bytes } of content.blobs) {
        tree.data(digest, bytes);
        tree.layer(repository, digest);
      }
      tree.data(content.digest, content.bytes);
      tree.revision(repository, content.digest);
      for (const tag of tags) tree.tag(repository, tag, content.digest);
    },
  };
  return tree;
}
