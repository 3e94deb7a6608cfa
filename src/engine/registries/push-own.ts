import type { PushedImage, TransferStep } from "#core/engine/registries.ts";
import type { Caller } from "#core/caller.ts";
import { isNondistributable } from "#oci/media-type.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { blobsOf } from "./blobs-of.ts";
import type { KeptContent } from "./content.ts";
import type { OwnRegistry } from "./parts.ts";

export interface OwnPush {
  image: PushedImage;
  /** Of the manifest. */
  bytes: Uint8Array;
  caller: Caller;
  repository: RepositoryName;
  reference: Tag;
  report: (line: TransferStep) => void;
}

/**
 * A push to this registry as far as it goes without a copy: what the registry has of the image is linked into the
 * repository, and when that is all of it, the manifest is put, by the rules of every push. False: some of it is only
 * here (or nobody here may write), and must be sent. Throws what such a push throws: denied, …
 */
export function createOwnPush(registry: OwnRegistry, content: Pick<KeptContent, "has">) {
  return async ({ image, bytes, caller, repository, reference, report }: OwnPush): Promise<boolean> => {
    const layers = new Set(image.layers.map(({ digest }) => digest));
    const done = await registry.change(async (here) => {
      const by = here.mayPush(caller, repository);
      const there = await Promise.all(
        blobsOf(image).map(async ({ digest, mediaType }) => {
          if (isNondistributable(mediaType)) return true;
          const say = (state: "there" | "mounted") => {
            if (layers.has(digest)) report({ digest, state });
          };
          const before = await here.repositories.blob(repository, digest);
          if (
            before !== undefined &&
            !before.damaged &&
            (await here.store.stat(before.location)) === before.size
          ) {
            say("there");
            return true;
          }
          // Only what the engine has itself: a manifest may name anything.
          if (!(await content.has(digest))) return false;
          const facts = await here.repositories.anyBlob(digest);
          if (facts === undefined || facts.damaged || (await here.store.stat(facts.location)) !== facts.size)
            return false;
          // From no repository by name: whom the engine holds it with is nobody's business.
          const linked = await here.repositories.mount(repository, digest, undefined, here.now(), by);
          if (linked !== undefined) say("there");
          return linked !== undefined;
        }),
      );
      if (!there.every((one) => one)) return false;
      await here.putManifest({ caller, repository, reference, bytes, mediaType: image.manifestType });
      return true;
    });
    return done === true;
  };
}
