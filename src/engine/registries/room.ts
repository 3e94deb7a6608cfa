import type { KeptContent } from "./content.ts";
import type { FoundHere } from "./found-here.ts";
import type { Holds } from "./holds.ts";
import type { KnownPlaces } from "./known-places.ts";
import type { OwnBlobs } from "#core/engine/own-blobs.ts";
import type { OwnAccounts, OwnRegistry, RegistryNames, Remotes } from "./parts.ts";
import type { WhichWay } from "./which-way.ts";

/** What registries.ts is made of. */
export interface RegistriesParts {
  registry: OwnRegistry;
  accounts: OwnAccounts;
  remotes: Remotes;
  names: RegistryNames;
  own: OwnBlobs;
  holds: Holds;
  content: KeptContent;
}

/** With what its verbs share. */
export interface RegistriesRoom extends RegistriesParts {
  whichWay: WhichWay;
  foundHere: FoundHere;
  known: KnownPlaces;
}
