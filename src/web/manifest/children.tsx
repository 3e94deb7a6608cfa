import type { ManifestView } from "#core/web/views.ts";
import { query } from "../api/api.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { useBerth } from "../frame/berth-context.ts";
import { DigestText } from "../parts/digest-text.tsx";
import { FaultNote } from "../parts/fault-note.tsx";
import { Link } from "../route/link.tsx";
import { repositoryPath } from "../route/place.ts";
import { bytes } from "../words/bytes.ts";
import { ManifestFacts } from "./manifest-facts.tsx";
import { ManifestParts } from "./manifest-parts.tsx";
import { Referrers } from "./referrers.tsx";

type Child = ManifestView["children"][number];

/** What an index names, one for each platform, and the one that is looked at below. */
export function Children({ manifest: { repository, children } }: { manifest: ManifestView }) {
  const { place } = useBerth();
  const asked = place.search.get("child");
  const chosen =
    children.find(({ digest }) => digest === asked) ??
    children.find((child) => child.present && !isAttestation(child)) ??
    children[0];
  const tag = place.search.get("tag") ?? undefined;
  const digest = place.search.get("digest") ?? undefined;
  const address = (child: string) =>
    repositoryPath(repository, {
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
      child,
    });
  return (
    <section>
      <h2>Platforms</h2>
      <ul class="platform-choice">
        {children.map((child) => (
          <li key={child.digest}>
            <Link to={address(child.digest)} current={child.digest === chosen?.digest ? "true" : undefined}>
              <strong>{nameOf(child)}</strong>
              <span class="muted small">{child.present ? bytes(child.size) : "not here"}</span>
            </Link>
          </li>
        ))}
      </ul>
      {chosen && <ChosenChild key={chosen.digest} repository={repository} child={chosen} />}
    </section>
  );
}

function ChosenChild({ repository, child }: { repository: string; child: Child }) {
  const { digest, present } = child;
  const { data, fault, reload } = useLoaded<ManifestView>(
    present ? `/manifest${query({ repository, reference: digest })}` : undefined,
  );
  if (!present) {
    return (
      <div class="note">
        <p>
          {nameOf(child)} was not pushed to this registry, or was not fetched yet: only the index names it, as{" "}
          <DigestText digest={digest} />.
        </p>
      </div>
    );
  }
  if (fault) return <FaultNote fault={fault} retry={reload} />;
  if (!data) return <p class="muted">Loading…</p>;
  return (
    <>
      <ManifestFacts manifest={data} />
      <ManifestParts manifest={data} of={nameOf(child)} />
      <Referrers manifest={data} of={nameOf(child)} />
    </>
  );
}

/** What buildkit puts beside an image: how it was built. */
function isAttestation({ annotations }: Child): boolean {
  return annotations["vnd.docker.reference.type"] === "attestation-manifest";
}

function nameOf(child: Child): string {
  if (isAttestation(child)) return "attestation";
  return child.platform ?? "no platform";
}
