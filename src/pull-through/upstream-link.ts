import type { Clock } from "#core/clock.ts";
import type { Live } from "#core/live.ts";
import { AppError } from "#core/errors.ts";
import type { Upstream } from "#core/upstream.ts";
import type { UpstreamMap } from "./upstream-map.ts";
import { createWeather, type Weather } from "./weather.ts";

/** The upstreams in force: which names mean them, and the way to each. */
export interface Upstreams {
  map: UpstreamMap;
  client(name: string): Upstream | undefined;
}

/** The way to one upstream and how it is doing. Limits count manifests, so blobs have a weather of their own. */
export interface UpstreamLink {
  client: Upstream;
  manifests: Weather;
  blobs: Weather;
}

/**
 * Finds the link of an upstream. How it is doing outlives a change of the configuration that leaves it as it was: one
 * that got other credentials, or another URL, is asked at once.
 */
export function createUpstreamLinks(upstreams: Live<Upstreams>, clock: Clock) {
  const weathers = new Map<string, Pick<UpstreamLink, "manifests" | "blobs">>();
  const clients = new Map<string, Upstream>();

  function weatherOf(name: string) {
    const known = weathers.get(name);
    if (known !== undefined) return known;
    const made = { manifests: createWeather(name, clock), blobs: createWeather(name, clock) };
    weathers.set(name, made);
    return made;
  }

  return {
    /** Throws upstream-failed for one that is configured no more. */
    of(name: string): UpstreamLink {
      const client = upstreams.current.client(name);
      if (client === undefined)
        throw new AppError("upstream-failed", `upstream ${name} is not configured any more`, {
          subject: name,
        });
      if (clients.get(name) !== client) weathers.delete(name);
      clients.set(name, client);
      return { client, ...weatherOf(name) };
    },
    weatherOf,
  };
}

export type UpstreamLinks = ReturnType<typeof createUpstreamLinks>;
