import type { Descriptor } from "#oci/descriptor.ts";
import { isUnknownPlatform, matchesPlatform, type Platform } from "#oci/platform.ts";
import type { Digest } from "#oci/digest.ts";

/** Which children of an index are wanted. */
export interface ChildrenWanted {
  /** Empty: all. */
  platforms: readonly Platform[];
  /** Also what BuildKit says about the images that are wanted (SBOM, provenance). */
  attestations: boolean;
}

interface Child {
  descriptor: Descriptor;
  /** Undefined: it doesn't say, so it may be any. */
  platform: Platform | undefined;
  /** Of an attestation: the image it is about, where it says so. */
  about: string | undefined;
}

/** BuildKit's annotation of an attestation in an index. */
const aboutKey = "vnd.docker.reference.digest";

/**
 * The children to take along. @param bytes of an index that was parsed before @param manifests its children as
 * `parseManifest` read them
 */
export function wantedChildren(
  bytes: Uint8Array,
  manifests: readonly Descriptor[],
  { platforms, attestations }: ChildrenWanted,
): Digest[] {
  const children = childrenOf(bytes, manifests);
  const isAttestation = ({ platform }: Child) => platform !== undefined && isUnknownPlatform(platform);
  const images = children.filter(
    (child) =>
      !isAttestation(child) &&
      (platforms.length === 0 ||
        child.platform === undefined ||
        platforms.some((wanted) => matchesPlatform(wanted, child.platform as Platform))),
  );
  const taken = new Set<string>(images.map(({ descriptor }) => descriptor.digest));
  const said = attestations
    ? children.filter(
        (child) => isAttestation(child) && (child.about === undefined || taken.has(child.about)),
      )
    : [];
  return [...images, ...said].map(({ descriptor }) => descriptor.digest);
}

function childrenOf(bytes: Uint8Array, manifests: readonly Descriptor[]): Child[] {
  const { manifests: entries } = JSON.parse(new TextDecoder().decode(bytes)) as { manifests?: unknown };
  const list: unknown[] = Array.isArray(entries) ? entries : [];
  return manifests.map((descriptor, i) => {
    const entry = members(list[i]);
    const about = members(entry.annotations)[aboutKey];
    return {
      descriptor,
      platform: platformOf(entry.platform),
      about: typeof about === "string" ? about : undefined,
    };
  });
}

/** Nothing but the descriptor's own fields was checked before. */
function platformOf(value: unknown): Platform | undefined {
  const { os, architecture, variant } = members(value);
  if (typeof os !== "string" || typeof architecture !== "string") return undefined;
  return { os, architecture, variant: typeof variant === "string" ? variant : undefined };
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
