/**
 * Where the engine's images come from and go to. Owns which way a reference goes: this registry's own content (by links, as
 * the caller's account), its upstreams through its pull-through cache, any other registry over HTTP. Never keeps bytes
 * in the registry's store, and never tells a client what the engine holds.
 * find: places → complete? → hold. pull: way → account → hold | download. push: way → account → link | send.
 */
import type { Registries } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import { createFoundHere, placesOf } from "./found-here.ts";
import { createKnownPlaces } from "./known-places.ts";
import { referenceIn } from "./named.ts";
import { createPull } from "./pull.ts";
import { createPush } from "./push.ts";
import { createReadTags } from "./read-tags.ts";
import type { RegistriesParts, RegistriesRoom } from "./room.ts";
import { createSignIn } from "./sign-in.ts";
import { createWhichWay } from "./which-way.ts";

export function createRegistries(parts: RegistriesParts): Registries {
  const { registry, names } = parts;
  const room: RegistriesRoom = {
    ...parts,
    whichWay: createWhichWay(names, registry),
    foundHere: createFoundHere(parts),
    known: createKnownPlaces(),
  };
  const { whichWay, foundHere } = room;
  return {
    get ownHosts() {
      return names.own;
    },

    async find(reference, platform) {
      const way = await whichWay(reference);
      if (way.kind === "other") return undefined;
      try {
        return await foundHere(placesOf(way.repository, way.hosted), referenceIn(reference), platform);
      } catch (error) {
        // None for this platform: a pull says so.
        if (error instanceof AppError && error.code === "engine-missing") return undefined;
        throw error;
      }
    },

    pull: createPull(room),
    push: createPush(room),
    tags: createReadTags(room),
    signIn: createSignIn(room),
  };
}
