import { releases, withRelease } from "../import/distribution.ts";
import { startBerthUpstream } from "./berth-upstream.ts";
import { startDistributionUpstream } from "./distribution-upstream.ts";
import type { RunningUpstream } from "./running-upstream.ts";

/** A kind of upstream that tests of the pull-through cache run against. */
export interface UpstreamKind {
  name: string;
  start(): Promise<RunningUpstream>;
  /** Test options that skip a test, saying why, where it is not there. */
  needed: { skip: string | false };
}

const account = { name: "mirror", secret: `pässword+of %41 "mirror"&x=y:z` };

/** Real registries of this machine, with and without a sign-in. */
export const upstreamKinds: readonly UpstreamKind[] = [
  ...releases.flatMap((release): UpstreamKind[] => [
    {
      name: `Distribution ${release.version}`,
      start: () => startDistributionUpstream(release),
      needed: withRelease(release),
    },
    {
      name: `Distribution ${release.version} with htpasswd`,
      start: () => startDistributionUpstream(release, account),
      needed: withRelease(release),
    },
  ]),
  { name: "Berth with tokens", start: startBerthUpstream, needed: { skip: false } },
];

/** Debian's docker-registry, open to everybody: what most tests pull through. */
export const [plainUpstream] = upstreamKinds as [UpstreamKind];
