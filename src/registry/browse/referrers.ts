import type { Repositories } from "#core/metadata/repositories.ts";
import type { ReferrerView } from "#core/web/views.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { attachedKinds, referrerKind } from "./referrer-kind.ts";

const most = 200;

/** What refers to the manifest: by its subject, and by cosign's tags, which say it in their names. */
export async function referrerViews(
  repositories: Pick<Repositories, "referrers" | "manifestFacts">,
  stored: RepositoryName,
  digest: Digest,
): Promise<ReferrerView[]> {
  const page = { limit: most, last: undefined, artifactType: undefined };
  const views = (await repositories.referrers(stored, digest, page)).map((referrer): ReferrerView => {
    const annotations = JSON.parse(referrer.annotations ?? "{}") as Record<string, string>;
    const { artifactType, size } = referrer;
    const known = { ...(artifactType === undefined ? {} : { artifactType }), annotations };
    return { digest: referrer.digest, size, ...known, kind: referrerKind(known) };
  });
  for (const [ending, kind] of Object.entries(attachedKinds)) {
    const tag = `${digest.replace(":", "-")}.${ending}` as Tag;
    const held = await repositories.manifestFacts(stored, tag);
    if (held === undefined || views.some((view) => view.digest === held.digest)) continue;
    views.push({ digest: held.digest, size: held.size, annotations: {}, kind });
  }
  return views;
}
