import type { PushedImage, TransferStep } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { PushTarget } from "#core/push-target.ts";
import { inParallel } from "#kit/in-parallel.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import type { Digest } from "#oci/digest.ts";
import { isNondistributable } from "#oci/media-type.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { blobsOf } from "./blobs-of.ts";
import type { KeptContent } from "./content.ts";

/** Blobs of one push at the same time; docker's own number. */
const atOnce = 5;
/** ms between two reports of one blob. */
const reportEvery = 100;

export interface RemotePush {
  target: PushTarget;
  image: PushedImage;
  /** Of the manifest. */
  bytes: Uint8Array;
  /** As the registry there knows it. */
  repository: RepositoryName;
  reference: Tag;
  /** A repository there that is known to have the blob. */
  sourceOf(digest: Digest): RepositoryName | undefined;
  report: (line: TransferStep) => void;
  signal: AbortSignal;
}

/** Sends an image to a registry: what isn't there yet, then the manifest. Throws upstream-*. */
export async function pushRemote(content: Pick<KeptContent, "open">, push: RemotePush): Promise<void> {
  const { target, image, bytes, repository, reference, report, signal } = push;
  const layers = new Set(image.layers.map(({ digest }) => digest));
  const blobs = blobsOf(image).filter(({ mediaType }) => !isNondistributable(mediaType));
  for (const { digest } of image.layers) report({ digest, state: "waiting" });
  await inParallel(blobs, atOnce, (blob) =>
    sendBlob(content, push, blob, (line) => {
      if (layers.has(line.digest)) report(line);
    }),
  );
  await target.putManifest(repository, reference, { mediaType: image.manifestType, bytes }, signal);
}

async function sendBlob(
  content: Pick<KeptContent, "open">,
  { target, repository, sourceOf, signal }: RemotePush,
  { digest, size }: Descriptor,
  report: (line: TransferStep) => void,
): Promise<void> {
  if (await target.hasBlob(repository, digest, signal)) {
    report({ digest, state: "there" });
    return;
  }
  async function* body(): AsyncGenerator<Uint8Array, void, void> {
    await using blob = await content.open(digest);
    if (blob === undefined)
      throw new AppError(
        "engine-missing",
        `the content ${digest} of the image isn't here any more: pull it again`,
      );
    let at = 0;
    let reported = 0;
    for await (const chunk of blob.read(0, size - 1)) {
      // What goes out is on its way for a while, and the reader's buffer is used again meanwhile.
      yield Uint8Array.from(chunk);
      at += chunk.length;
      if (at === size || performance.now() - reported >= reportEvery) {
        reported = performance.now();
        report({ digest, state: "moving", current: at, total: size });
      }
    }
  }
  const known = sourceOf(digest);
  const from = known === repository ? undefined : known;
  const how = await target.upload(repository, { digest, size, from }, body, signal);
  if (how === "mounted") report({ digest, state: "mounted", ...(from === undefined ? {} : { from }) });
  else report({ digest, state: "moved", current: size, total: size });
}
