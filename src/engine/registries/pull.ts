import type { Registries, RegistryCredentials } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { askOwn } from "./ask-own.ts";
import { blobsOf } from "./blobs-of.ts";
import { dockerWords } from "./docker-words.ts";
import { placesOf } from "./found-here.ts";
import { pathIn, referenceIn, triedWith } from "./named.ts";
import type { Remote } from "./parts.ts";
import { createCachedPull } from "./pull-cached.ts";
import { createRemotePull, remoteImage, type RemotePull } from "./pull-remote.ts";
import type { RegistriesRoom } from "./room.ts";
import { domainOf, given } from "./which-way.ts";

export function createPull(room: RegistriesRoom): Registries["pull"] {
  const { remotes, names, whichWay, foundHere, known } = room;
  const pullRemote = createRemotePull(room);
  const pullCached = createCachedPull({ ...room, pullRemote });

  return async (reference, platform, credentials, report, signal) => {
    const who = given(credentials);
    const way = await whichWay(reference);
    const wanted = { reference: referenceIn(reference), platform, report, signal };

    /** From the registry that the reference names. */
    async function straight(as: RegistryCredentials | undefined): ReturnType<Registries["pull"]> {
      await using remote = await remotes.open(reference.domain, as);
      const pull: RemotePull = { ...wanted, source: remote.source, repository: pathIn(reference) };
      return await inWords(remote, as, async () => {
        const image = await remoteImage(pull);
        const found = await pullRemote(pull, image);
        known.saw(reference.domain, pull.repository, blobsOf(image));
        return found;
      });
    }

    async function throughServer(
      repository: RepositoryName,
      places: readonly RepositoryName[],
      as: RegistryCredentials | undefined,
    ): Promise<Awaited<ReturnType<Registries["pull"]>> | undefined> {
      await using remote = await remotes.openOwn(as);
      if (remote === undefined) return undefined;
      const { source } = remote;
      return await inWords(remote, as, () => pullCached(places, { ...wanted, source, repository }));
    }

    async function inWords<T>(
      { url }: Pick<Remote, "url">,
      as: RegistryCredentials | undefined,
      work: () => Promise<T>,
    ): Promise<T> {
      try {
        return await work();
      } catch (error) {
        throw dockerWords(error, triedWith("pull", reference, url, as));
      }
    }

    if (way.kind === "other") return straight(who);
    const { repository } = way;
    const places = placesOf(repository, way.hosted);
    if (way.kind === "upstream") {
      const forOwn = who !== undefined && names.own.includes(domainOf(who.serverAddress));
      if (who !== undefined && !forOwn) return straight(who);
      // What proves somebody at this registry is nobody else's business.
      return (await throughServer(repository, places, who)) ?? straight(undefined);
    }
    return inWords({ url: `http://${reference.domain}` }, who, async () => {
      await askOwn(room, reference, repository, who, signal);
      const served = way.upstream ? await throughServer(repository, places, who) : undefined;
      const found = served ?? (await foundHere(places, wanted.reference, platform));
      if (found === undefined) throw new AppError("manifest-unknown", "manifest unknown");
      for (const digest of new Set(found.layers.map((layer) => layer.digest)))
        report({ digest, state: "there" });
      return found;
    });
  };
}
