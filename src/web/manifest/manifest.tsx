import { useState } from "preact/hooks";
import type { ManifestView } from "#core/web/views.ts";
import { query } from "../api/api.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { useBerth } from "../frame/berth-context.ts";
import { FaultNote } from "../parts/fault-note.tsx";
import { Heading } from "../parts/heading.tsx";
import { Link } from "../route/link.tsx";
import { repositoryPath } from "../route/place.ts";
import { TagDialogs, type Asked } from "../tags/tag-dialogs.tsx";
import { shortDigest } from "../words/short-digest.ts";
import { Children } from "./children.tsx";
import { ManifestActions } from "./manifest-actions.tsx";
import { ManifestFacts } from "./manifest-facts.tsx";
import { ManifestParts } from "./manifest-parts.tsx";
import { Referrers } from "./referrers.tsx";

/** What a tag or a digest names. @param reference tag or digest */
export function Manifest({ repository, reference }: { repository: string; reference: string }) {
  const { router } = useBerth();
  const { data, fault, reload } = useLoaded<ManifestView>(`/manifest${query({ repository, reference })}`);
  const [asked, setAsked] = useState<Asked>();
  const isDigest = reference.includes(":");
  // Beside those of the platform that is looked at.
  const own = data && data.children.length > 0 ? { of: "the index" } : {};
  const name = isDigest ? `@${shortDigest(reference)}` : `:${reference}`;
  return (
    <>
      <p class="crumbs">
        <Link to="/">Repositories</Link>
        <span aria-hidden="true"> / </span>
        <Link to={repositoryPath(repository)}>{repository}</Link>
      </p>
      <Heading
        title={repository + name}
        aside={
          data && (
            <ManifestActions
              manifest={data}
              reference={reference}
              ask={(what) => setAsked({ what, name: reference })}
            />
          )
        }
      >
        <span class="muted">{repository}</span>
        {name}
      </Heading>
      {fault && <FaultNote fault={fault} retry={reload} />}
      {!data && !fault && <p class="muted">Loading…</p>}
      {data && (
        <>
          <ManifestFacts manifest={data} />
          {data.children.length > 0 && <Children manifest={data} />}
          <ManifestParts manifest={data} {...own} />
          <Referrers manifest={data} {...own} />
        </>
      )}
      {asked && (
        <TagDialogs
          repository={repository}
          asked={asked}
          onClose={(done) => {
            setAsked(undefined);
            if (!done) return;
            if (asked.what === "delete") router.go(repositoryPath(repository));
            else reload();
          }}
        />
      )}
    </>
  );
}
