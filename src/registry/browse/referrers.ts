import { setImmediate as nextTurn } from "node:timers/promises";
import type { Referrer, Repositories } from "#core/metadata/repositories.ts";
import type { ReferrerView } from "#core/web/views.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { attachedKinds, referrerKind } from "./referrer-kind.ts";

const most = 200;
/** Rows read at once: each may have annotations of 4 MiB. */
const step = 8;
/** Characters of annotations that are read for one view, and shown of one referrer; longer ones are no fact for people. */
const mostRead = 4 * 1024 * 1024;
const mostShown = 16 * 1024;

/** What refers to the manifest: by its subject, and by cosign's tags, which say it in their names. */
export async function referrerViews(
  repositories: Pick<Repositories, "referrers" | "manifestFacts">,
  stored: RepositoryName,
  digest: Digest,
): Promise<ReferrerView[]> {
  const views: ReferrerView[] = [];
  let last: Digest | undefined;
  for (let read = 0; read <= mostRead && views.length < most;) {
    const page = await repositories.referrers(stored, digest, { limit: step, last, artifactType: undefined });
    for (const referrer of page) {
      read += referrer.annotations?.length ?? 0;
      views.push(viewOf(referrer));
    }
    if (page.length < step) break;
    last = page.at(-1)?.digest;
    await nextTurn();
  }
  for (const [ending, kind] of Object.entries(attachedKinds)) {
    const tag = `${digest.replace(":", "-")}.${ending}` as Tag;
    const held = await repositories.manifestFacts(stored, tag);
    if (held === undefined || views.some((view) => view.digest === held.digest)) continue;
    views.push({ digest: held.digest, size: held.size, annotations: {}, kind });
  }
  return views;
}

function viewOf({ digest, size, artifactType, annotations: text = "{}" }: Referrer): ReferrerView {
  const annotations = (text.length > mostShown ? {} : JSON.parse(text)) as Record<string, string>;
  const known = { ...(artifactType === undefined ? {} : { artifactType }), annotations };
  return { digest, size, ...known, kind: referrerKind(known) };
}
