import { publicName } from "#core/cached-name.ts";
import type { CachedPiece, Mirror } from "#core/metadata/cached-content.ts";
import type { Repositories } from "#core/metadata/repositories.ts";
import { compileGlob } from "#kit/glob.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { CacheLimits } from "./evict-limits.ts";
import { keptByTags, type KeptReads } from "./evict-kept.ts";

/** What must not be evicted, as long as one round lasts. */
export interface Pins {
  pinned(piece: CachedPiece): Promise<boolean>;
}

type Matches = (name: string) => boolean;

/** What is pinned of a repository: all of it, or what some of its tags name. */
type Pinned = "all" | "nothing" | Promise<ReadonlySet<Digest>>;

/** @param mirrors they pin what they keep warm; those of an upstream that isn't configured pin nothing */
export function createPins(
  repositories: Pick<Repositories, KeptReads>,
  limits: CacheLimits,
  mirrors: readonly Mirror[],
  signal: AbortSignal,
): Pins {
  const upstreams = new Map(limits.upstreams.map(({ name, pinned }) => [name, pinned.map(compiledPin)]));
  const mirrored = new Map<string, readonly string[]>(mirrors.map(({ name, tags }) => [name, tags]));
  const known = new Map<RepositoryName, Pinned>();

  function pinnedOf(repository: RepositoryName): Pinned {
    const name = publicName(repository);
    const slash = name.indexOf("/");
    const pins = upstreams.get(name.slice(0, slash));
    if (pins === undefined) return "nothing";
    const remote = name.slice(slash + 1);
    const fitting = pins.filter(({ covers }) => covers(remote));
    if (fitting.some(({ tags }) => tags === undefined)) return "all";
    const tags = [
      ...fitting.flatMap((pin) => pin.tags ?? []),
      ...(mirrored.get(name) ?? []).map(compileGlob),
    ];
    if (tags.length === 0) return "nothing";
    return keptByTags(repositories, repository, (tag) => tags.some((matches) => matches(tag)), signal);
  }

  return {
    async pinned({ repository, digest }) {
      const pinned = known.get(repository) ?? pinnedOf(repository);
      known.set(repository, pinned);
      if (pinned === "all" || pinned === "nothing") return pinned === "all";
      return (await pinned).has(digest);
    },
  };
}

/** `library/alpine:3*`; without a glob over tags everything of the repository is meant. */
function compiledPin(pin: string): { covers: Matches; tags: Matches | undefined } {
  const colon = pin.indexOf(":");
  if (colon < 0) return { covers: compileGlob(pin), tags: undefined };
  return { covers: compileGlob(pin.slice(0, colon)), tags: compileGlob(pin.slice(colon + 1)) };
}
