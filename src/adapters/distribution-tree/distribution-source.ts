/**
 * What CNCF Distribution (2.x and 3.x) keeps in its storage, below docker/registry/v2:
 *
 *     blobs/ALG/AA/HEX/data                                  bytes of blobs and manifests; AA: two digits of HEX
 *     repositories/NAME/_layers/ALG/HEX/link                 the blobs of a repository
 *     repositories/NAME/_manifests/revisions/ALG/HEX/link    its manifests
 *     repositories/NAME/_manifests/tags/TAG/current/link     what a tag points to
 *     repositories/NAME/_manifests/tags/TAG/index/…          what it pointed to; not read
 *     repositories/NAME/_uploads/…                           unfinished uploads; not read
 *
 * A link's text is the digest that the bytes lie under. That is the digest of its path, but for algorithms
 * other than sha256, which are names for bytes that lie under their sha256. Deleting removes the `link` alone.
 */
import { AppError } from "#core/errors.ts";
import type { RegistrySource, SourceFault, SourceRepository } from "#core/registry-source.ts";
import { algorithmOf, hexOf, parseDigest, type Digest } from "#oci/digest.ts";
import type { Tree } from "./tree.ts";

/** sha512: and its digits, and a line end that somebody's editor left. */
const linkLength = 160;
const rooms = { blob: "_layers", manifest: "_manifests/revisions" };
const uploads = /\/_uploads$/;
const history = /\/_manifests\/tags\/[^/]+\/index$/;
const link = /^(?:_layers|_manifests\/revisions)\/([^/]+)\/([^/]+)\/link$/;
const tagLink = /^_manifests\/tags\/(.+)\/current\/link$/;

export function createDistributionSource(tree: Tree): RegistrySource {
  const linkPath = (repository: string, kind: "blob" | "manifest", digest: Digest) =>
    `repositories/${repository}/${rooms[kind]}/${algorithmOf(digest)}/${hexOf(digest)}/link`;

  /** The file of the bytes that a digest of a repository stands for. */
  async function dataOf(repository: string, digest: Digest): Promise<string> {
    const own = dataPath(digest);
    if (algorithmOf(digest) === "sha256") return own;
    for (const kind of ["blob", "manifest"] as const) {
      const target = await readLink(tree, linkPath(repository, kind, digest));
      if (target !== undefined) return dataPath(target);
    }
    return own;
  }

  return {
    async *repositories() {
      let current: Gathered | undefined;
      const skip = (path: string) => uploads.test(path) || history.test(path);
      for await (const { path, odd } of tree.files("repositories", skip)) {
        const cut = path.indexOf("/_");
        if (cut < 0 && odd === undefined) continue;
        const name = cut < 0 ? path.slice("repositories/".length) : path.slice("repositories/".length, cut);
        if (current !== undefined && current.name !== name) yield current;
        if (current?.name !== name) current = { name, tags: [], manifests: [], blobs: [], faults: [] };
        if (odd !== undefined) current.faults.push({ subject: path, why: odd });
        else if (cut >= 0) gather(current, path.slice(cut + 1));
      }
      if (current !== undefined) yield current;
    },

    tag: (repository, tag) =>
      readLink(tree, `repositories/${repository}/_manifests/tags/${tag}/current/link`),
    async lists(repository, kind, digest) {
      return (await tree.size(linkPath(repository, kind, digest))) !== undefined;
    },
    size: async (repository, digest) => tree.size(await dataOf(repository, digest)),
    open: async (repository, digest) => tree.open(await dataOf(repository, digest)),
  };
}

interface Gathered extends SourceRepository {
  tags: string[];
  manifests: Digest[];
  blobs: Digest[];
  faults: SourceFault[];
}

/** @param path of a file, below the repository's folder */
function gather(into: Gathered, path: string): void {
  const tag = tagLink.exec(path)?.[1];
  if (tag !== undefined) {
    into.tags.push(tag);
    return;
  }
  const [, algorithm, hex] = link.exec(path) ?? [];
  if (algorithm === undefined || hex === undefined) return;
  const digest = parseDigest(`${algorithm}:${hex}`);
  if (digest === undefined)
    into.faults.push({
      subject: `${algorithm}:${hex}`,
      why: "it is not a sha256 or sha512 digest",
    });
  else (path.startsWith("_layers/") ? into.blobs : into.manifests).push(digest);
}

function dataPath(digest: Digest): string {
  const hex = hexOf(digest);
  return `blobs/${algorithmOf(digest)}/${hex.slice(0, 2)}/${hex}/data`;
}

async function readLink(tree: Tree, path: string): Promise<Digest | undefined> {
  const text = await tree.text(path, linkLength);
  if (text === undefined) return undefined;
  const digest = parseDigest(text.trim());
  if (digest !== undefined) return digest;
  const said = text === "" ? "it is empty" : `it says ${JSON.stringify(text)}`;
  throw new AppError("blob-damaged", `its link is no digest: ${said}`);
}
