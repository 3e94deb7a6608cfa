import type { Config } from "#config/config.ts";
import { publicName } from "#core/cached-name.ts";
import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { UpstreamContent } from "#maintenance/scrub/scrub-parts.ts";
import type { Upstreams } from "#pull-through/upstream-link.ts";
import type { UpstreamPlace } from "#pull-through/upstream-map.ts";

/** What the configured upstreams have of repositories here, for who sets damage right. */
export function upstreamContent(
  upstreams: Live<Upstreams>,
  config: Live<Pick<Config, "limits">>,
): UpstreamContent {
  /** Of a cached repository, or of a hosted one under an upstream's name. */
  function placeOf(repository: RepositoryName): UpstreamPlace | undefined {
    const place = upstreams.current.map.place(publicName(repository));
    return place?.allowed === true && !place.upstream.offline ? place : undefined;
  }

  return {
    async blob(repository, digest, signal) {
      const place = placeOf(repository);
      const client = place && upstreams.current.client(place.upstream.name);
      if (place === undefined || client === undefined) return undefined;
      const { from, size, body } = await client.blob(place.remote, digest, 0, signal);
      const most = place.upstream.max_blob;
      if (from === 0 && (size ?? 0) <= most)
        return { size, from: place.upstream.name, body: atMost(body, most) };
      await body[Symbol.asyncIterator]().return?.();
      return undefined;
    },

    async manifest(repository, digest, signal) {
      const place = placeOf(repository);
      const client = place && upstreams.current.client(place.upstream.name);
      if (place === undefined || client === undefined) return undefined;
      const limit = config.current.limits.manifest_size;
      const found = await client.manifest(place.remote, digest, undefined, limit, signal);
      return found === "unchanged" ? undefined : { from: place.upstream.name, bytes: found.bytes };
    },
  };
}

async function* atMost(
  body: AsyncIterable<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array, void, void> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > most)
      throw new AppError("upstream-wrong", `it sent more than the ${most} bytes of upstreams[].max_blob`);
    yield chunk;
  }
}
