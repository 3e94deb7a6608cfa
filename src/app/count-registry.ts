import type { Metadata } from "#core/metadata/metadata.ts";
import type { RegistryCounts } from "#adapters/prometheus/metrics.ts";

export async function countRegistry({ repositories, uploads, cached }: Metadata): Promise<RegistryCounts> {
  return {
    ...(await repositories.count()),
    uploads: await uploads.count(),
    cached: (await cached.usage()).upstreams,
  };
}
