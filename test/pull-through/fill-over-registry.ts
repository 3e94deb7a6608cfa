import { AppError } from "#core/errors.ts";
import {
  isIndexType,
  isManifestType,
  ociIndex,
  ociManifest,
  dockerList,
  dockerManifest,
} from "#oci/media-type.ts";
import type { StoredManifest } from "#core/metadata/repositories.ts";
import type { UpstreamReferrer } from "#core/upstream.ts";
import { digestOf, parseDigest } from "#oci/digest.ts";
import type { Tag } from "#oci/reference.ts";
import type { Fill } from "#pull-through/fill.ts";

/** A small Fill that keeps in memory what it fetches from the registry at `url`, whose upstream is called `up.test`. */
export function fillOverRegistry(
  url: string,
): Fill & { blobs: Set<string>; manifests: Map<string, StoredManifest> } {
  const blobs = new Set<string>();
  const manifests = new Map<string, StoredManifest>();
  const pathOf = (repository: string) => {
    if (!repository.startsWith("up.test/"))
      throw new AppError("repository-unknown", `there is no repository ${repository}`);
    return `${url}/v2/${repository.slice("up.test/".length)}`;
  };

  async function ask(
    path: string,
    missing: "manifest-unknown" | "blob-unknown",
    headers = {},
  ): Promise<Response> {
    const response = await fetch(path, { headers }).catch((cause: unknown) => {
      throw new AppError("upstream-failed", "the upstream doesn't answer", { cause });
    });
    if (response.ok) return response;
    await response.arrayBuffer();
    if (response.status === 404) throw new AppError(missing, `${path.slice(url.length)} is not there`);
    throw new AppError("upstream-failed", `${response.status}`);
  }

  return {
    blobs,
    manifests,
    async manifest(repository, reference) {
      const kept =
        parseDigest(reference) === undefined ? undefined : manifests.get(`${repository} ${reference}`);
      if (kept !== undefined) return { ...kept, cache: { state: "HIT", age: 0 } };
      const path = `${pathOf(repository)}/manifests/${reference}`;
      const accept = [ociIndex, ociManifest, dockerList, dockerManifest].join(", ");
      const response = await ask(path, "manifest-unknown", { accept });
      const bytes = new Uint8Array(await response.arrayBuffer());
      const mediaType = response.headers.get("content-type") ?? "";
      if (!isIndexType(mediaType) && !isManifestType(mediaType))
        throw new AppError("upstream-wrong", mediaType);
      const digest = digestOf("sha256", bytes);
      const known = manifests.has(`${repository} ${digest}`);
      const stored = { digest, mediaType, size: bytes.length, bytes, pushedAt: 0 };
      manifests.set(`${repository} ${digest}`, stored);
      return { ...stored, cache: { state: known ? "REVALIDATED" : "MISS", age: 0 } };
    },
    async blob(repository, digest, grew) {
      if (blobs.has(digest)) return "had";
      const response = await ask(`${pathOf(repository)}/blobs/${digest}`, "blob-unknown");
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (digestOf("sha256", bytes) !== digest)
        throw new AppError("upstream-wrong", `${digest} is something else`);
      grew(bytes.length);
      blobs.add(digest);
      return "fetched";
    },
    async *tags(repository) {
      const response = await ask(`${pathOf(repository)}/tags/list`, "manifest-unknown");
      yield* ((await response.json()) as { tags: Tag[] }).tags;
    },
    async referrers(repository, subject) {
      const path = pathOf(repository);
      const list = async (at: string) => {
        const response = await ask(at, "manifest-unknown", { accept: ociIndex });
        return ((await response.json()) as { manifests: UpstreamReferrer[] }).manifests;
      };
      try {
        return await list(`${path}/referrers/${subject}`);
      } catch {
        return await list(`${path}/manifests/${subject.replace(":", "-")}`).catch(() => []);
      }
    },
  };
}
