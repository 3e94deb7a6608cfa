import { settleDisk } from "../disk.ts";
import { pullLoad } from "../load/clients.ts";
import type { Image, PullJob, PullReport } from "../pull/job.ts";
import { mebibyte } from "../settings.ts";
import { whole, type CacheBout, type Place } from "./on-cache.ts";
import { largeImages } from "./upstream-images.ts";
import type { Bout } from "./workload.ts";

/** Of the images whose first byte is timed, bytes. */
export const firstByteLayer = 4 * mebibyte;
/** Pulled before them; a server that has just started isn't what anybody pulls from. */
const warmups = 5;

/** Pulls the images from a place after the disk has settled. */
export async function pullFrom(
  bout: Bout,
  { host, port, prefix }: Place,
  images: readonly Image[],
  how: Pick<PullJob, "kind" | "clients" | "hash"> & Partial<PullJob>,
): Promise<PullReport> {
  await settleDisk(bout.signal);
  const named = images.map(({ repository, tag }) => ({ repository: prefix + repository, tag }));
  return await pullLoad({ host, port, warmup: 0, ...how, images: named }, bout.signal);
}

/** Both ways; in every other round the way through the cache goes first. */
export async function bothWays<T>(
  bout: Bout,
  ways: { direct: () => Promise<T>; through: () => Promise<T> },
): Promise<{ direct: T; through: T }> {
  if (bout.round % 2 === 0) {
    const direct = await ways.direct();
    return { direct, through: await ways.through() };
  }
  const through = await ways.through();
  return { direct: await ways.direct(), through };
}

/** One client, as docker is: it hashes what it gets. */
export const oneClient = { kind: "shared", clients: 1, hash: true } as const;

/**
 * Pulls of images whose one layer the cache doesn't have, one after another, for its first byte.
 * Warms everybody up for what follows.
 */
export async function firstBytes(
  bout: Bout,
  { cache, direct, upstream }: CacheBout,
): Promise<{ direct: PullReport; through: PullReport }> {
  const plan = { images: bout.settings.firstBytes + warmups, layers: 1, size: firstByteLayer };
  await using seeded = await largeImages(bout, upstream, `${bout.repository}/small`, plan);
  const timed = async (place: Place) => {
    return whole(await pullFrom(bout, place, seeded.images, { ...oneClient, warmup: warmups }));
  };
  return await bothWays(bout, { direct: () => timed(direct), through: () => timed(cache) });
}
