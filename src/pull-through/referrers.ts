import type { Referrer, ReferrersPage } from "#core/metadata/repositories.ts";
import { referrersIndex, type ReferrersIndex } from "#core/referrers-index.ts";
import type { Sourced } from "#core/source.ts";
import type { UpstreamReferrer } from "#core/upstream.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";
import { createSingleFlight } from "#kit/single-flight.ts";
import type { Digest } from "#oci/digest.ts";
import { isCode, isUpstreamFault } from "./faults.ts";
import type { PullThroughParts } from "./parts.ts";
import type { UpstreamPlace } from "./upstream-map.ts";

export interface CachedReferrers {
  /** As the upstream says, fresh as its tags are; where it can't be asked, what was heard last or is cached. */
  list(place: UpstreamPlace, subject: Digest, page: ReferrersPage): Promise<Sourced<ReferrersIndex>>;
  /** All of them, asked for now. Throws upstream-*. */
  all(place: UpstreamPlace, subject: Digest): Promise<UpstreamReferrer[]>;
}

interface Heard {
  at: number;
  items: Referrer[];
}

/** Descriptors of one list at most. */
const mostDescriptors = 10_000;
/** Characters of all lists that are remembered: annotations may be long. */
const mostRemembered = 32 * 1024 * 1024;
/** What a descriptor takes beside its annotations and types, and a list beside its descriptors, about. */
const descriptorWeight = 200;
const listWeight = 500;

export function createCachedReferrers(parts: PullThroughParts): CachedReferrers {
  const { local, links, clock, signal, report } = parts;
  const heard = createBoundedMap<string, Heard>(mostRemembered, weightOf);
  const flight = createSingleFlight<Heard>();

  async function all(place: UpstreamPlace, subject: Digest): Promise<UpstreamReferrer[]> {
    const { client, manifests } = links.of(place.upstream.name);
    try {
      return await manifests.ask(() => client.referrers(place.remote, subject, mostDescriptors, signal));
    } catch (error) {
      if (isCode(error, "upstream-unknown")) return [];
      throw error;
    }
  }

  async function ask(place: UpstreamPlace, subject: Digest, key: string): Promise<Heard> {
    const items = (await all(place, subject)).map(asRow).sort((a, b) => (a.digest < b.digest ? -1 : 1));
    const now = { at: clock(), items };
    heard.set(key, now);
    return now;
  }

  return {
    all,

    async list(place, subject, page) {
      const key = `${place.cached} ${subject}`;
      const known = heard.get(key);
      const age = known === undefined ? 0 : clock() - known.at;
      const { ttl, offline } = place.upstream;
      if (known !== undefined && age >= 0 && age < ttl)
        return { ...pageOf(known.items, page), cache: { state: "HIT", age } };
      try {
        if (!offline) {
          const { items } = await flight(key, () => ask(place, subject, key));
          return { ...pageOf(items, page), cache: { state: "MISS", age: 0 } };
        }
      } catch (error) {
        if (!isUpstreamFault(error)) throw error;
        report(error, `what refers to ${subject} of ${place.repository} is listed from the cache`);
      }
      const cache = { state: "STALE" as const, age: Math.max(0, age) };
      if (known !== undefined) return { ...pageOf(known.items, page), cache };
      return { ...(await local.referrers.list(place.cached, subject, page)), cache };
    },
  };
}

function weightOf({ items }: Heard): number {
  return items.reduce(
    (sum, { annotations = "", mediaType, artifactType = "" }) =>
      sum + descriptorWeight + annotations.length + mediaType.length + artifactType.length,
    listWeight,
  );
}

function asRow({ annotations, ...rest }: UpstreamReferrer): Referrer {
  return { ...rest, annotations: annotations === undefined ? undefined : JSON.stringify(annotations) };
}

function pageOf(items: readonly Referrer[], { limit, last, artifactType }: ReferrersPage): ReferrersIndex {
  const rest = items.filter(
    (item) =>
      (last === undefined || item.digest > last) &&
      (artifactType === undefined || item.artifactType === artifactType),
  );
  return referrersIndex(rest.slice(0, limit), limit > 0 && rest.length > limit);
}
