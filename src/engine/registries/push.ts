import type { PushedImage, Registries, RegistryCredentials } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { ImageReference } from "#oci/image-reference.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { blobsOf } from "./blobs-of.ts";
import { dockerWords } from "./docker-words.ts";
import { pathIn, triedWith } from "./named.ts";
import type { Remote } from "./parts.ts";
import { createOwnPush } from "./push-own.ts";
import { pushRemote, type RemotePush } from "./push-remote.ts";
import type { RegistriesRoom } from "./room.ts";
import { given } from "./which-way.ts";

/** As the largest that is pulled. */
const largestManifest = 4 * 1024 * 1024;

export function createPush(room: RegistriesRoom): Registries["push"] {
  const { remotes, registry, accounts, content, known, whichWay } = room;
  const pushOwn = createOwnPush(registry, content);

  async function manifestOf(image: PushedImage): Promise<Uint8Array> {
    const bytes = await content.read(image.manifest, largestManifest);
    if (bytes !== undefined) return bytes;
    throw new AppError(
      "engine-missing",
      `the manifest ${image.manifest} of the image isn't here any more: pull it again`,
    );
  }

  async function send(
    remote: Remote,
    reference: ImageReference,
    push: Omit<RemotePush, "target" | "sourceOf">,
    who: RegistryCredentials | undefined,
  ): Promise<void> {
    const { domain } = reference;
    try {
      await pushRemote(content, {
        ...push,
        target: remote.target,
        sourceOf: (digest) => known.of(domain, digest),
      });
      known.saw(domain, push.repository, blobsOf(push.image));
    } catch (error) {
      throw dockerWords(error, triedWith("push", reference, remote.url, who));
    }
  }

  /** True: it is done; else it must be sent. */
  async function linked(
    repository: RepositoryName,
    { image, bytes, reference, report }: Omit<RemotePush, "target" | "sourceOf">,
    who: RegistryCredentials | undefined,
  ): Promise<boolean> {
    const caller = await accounts.prove(who);
    if (caller === "elsewhere") return false;
    return pushOwn({ image, bytes, caller, repository, reference, report });
  }

  return async (image, reference, credentials, report, signal) => {
    const who = given(credentials);
    const bytes = await manifestOf(image);
    const done = { digest: image.manifest, size: bytes.length };
    const tag = (reference.tag ?? "latest") as Tag;
    const push = { image, bytes, repository: pathIn(reference), reference: tag, report, signal };
    const way = await whichWay(reference);
    using _ = content.pin([image.manifest, ...blobsOf(image).map(({ digest }) => digest)]);
    if (way.kind !== "own") {
      await using remote = await remotes.open(reference.domain, who);
      await send(remote, reference, push, who);
      return done;
    }
    try {
      if (await linked(way.repository, push, who)) return done;
    } catch (error) {
      throw dockerWords(error, triedWith("push", reference, `http://${reference.domain}`, who));
    }
    await using remote = await remotes.openOwn(who);
    if (remote === undefined)
      throw new AppError(
        "engine-failed",
        `Get "http://${reference.domain}/v2/": the registry isn't running, and what only the engine has must be sent to it: start berth serve, with the same data as the engine`,
      );
    await send(remote, reference, push, who);
    return done;
  };
}
