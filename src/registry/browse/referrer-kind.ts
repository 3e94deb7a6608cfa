import type { ReferrerView } from "#core/web/views.ts";

/** What tools that sign and describe images call their artifacts. */
const kinds: readonly (readonly [RegExp, string])[] = [
  [/^application\/vnd\.cncf\.notary\.signature$/, "signature"],
  [/^application\/vnd\.dev\.cosign\.(artifact\.sig|simplesigning)\./, "signature"],
  [/^(application|text)\/(vnd\.)?(spdx|cyclonedx|syft)\b/, "SBOM"],
  [/^application\/vnd\.dev\.cosign\.artifact\.sbom\./, "SBOM"],
  [/^application\/vnd\.in-toto\b/, "attestation"],
  [/^application\/vnd\.dev\.cosign\.artifact\.att\./, "attestation"],
  [/^application\/vnd\.dsse\.envelope\b/, "attestation"],
];
const bundle = /^application\/vnd\.dev\.sigstore\.bundle\b/;

/** For people: "signature", "SBOM", "attestation", "artifact". */
export function referrerKind({
  artifactType,
  annotations,
}: Pick<ReferrerView, "artifactType" | "annotations">): string {
  const type = artifactType ?? "";
  if (bundle.test(type)) {
    const about = annotations["dev.sigstore.bundle.predicateType"] ?? annotations["predicateType"] ?? "";
    if (/spdx|cyclonedx/i.test(about)) return "SBOM";
    return annotations["dev.sigstore.bundle.content"] === "dsse-envelope" && !/cosign\/sign/.test(about)
      ? "attestation"
      : "signature";
  }
  return kinds.find(([form]) => form.test(type))?.[1] ?? "artifact";
}

/** By cosign's older way the tag itself says what it is: `sha256-….sig`. */
export const attachedKinds: Readonly<Record<string, string>> = {
  sig: "signature",
  att: "attestation",
  sbom: "SBOM",
};
