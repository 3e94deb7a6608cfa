const kinds: Record<string, string> = { sig: "signature", att: "attestation", sbom: "SBOM" };

/** What a tag like `sha256-….sig` brings, by its ending. */
export function companionWords(tag: string): string {
  return kinds[tag.slice(tag.lastIndexOf(".") + 1)] ?? "companion";
}
