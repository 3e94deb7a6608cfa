import type { ManifestReference } from "#core/metadata/repositories.ts";
import type { Connection } from "./connection.ts";

export interface CheckedReferences {
  /** Required, and not in the repository, or there with damaged bytes: those must be pushed again. */
  missing: ManifestReference[];
  /** There, but of another size than the descriptor says. */
  wrongSize: (ManifestReference & { stored: number })[];
  /** Each thing named once, with whether the repository has it. */
  named: { digest: string; kind: "blob" | "manifest"; present: boolean }[];
}

/** Stands for the size of a blob whose bytes are damaged. */
const damaged = -1;

/** Looks up what a manifest names in its repository. Each thing is looked up and complained of once. */
export function referenceCheck(db: Connection) {
  const blobSize = db
    .prepare<[number, string], number>(
      `SELECT iif(b.damaged, ${damaged}, b.size) FROM blobs b ` +
        "JOIN repository_blobs l ON l.repository_id = ? AND l.blob_id = b.id WHERE b.digest = ?",
    )
    .pluck();
  const manifestSize = db
    .prepare<[number, string], number>("SELECT size FROM manifests WHERE repository_id = ? AND digest = ?")
    .pluck();

  return (repositoryId: number, references: readonly ManifestReference[]): CheckedReferences => {
    const result: CheckedReferences = { missing: [], wrongSize: [], named: [] };
    const stored = new Map<string, number | undefined>();
    const complained = new Set<string>();
    for (const reference of references) {
      const { digest, kind } = reference;
      const key = `${kind} ${digest}`;
      let size = stored.get(key);
      if (!stored.has(key)) {
        if (kind === "manifest") size = manifestSize.get(repositoryId, digest);
        size ??= blobSize.get(repositoryId, digest);
        stored.set(key, size);
        result.named.push({ digest, kind, present: size !== undefined });
      }
      const lacking = size === undefined || size === damaged;
      const wrong = lacking ? reference.required : size !== reference.size;
      if (!wrong) continue;
      const complaint = `${key} ${reference.size}`;
      if (complained.has(complaint)) continue;
      complained.add(complaint);
      if (size === undefined || lacking) result.missing.push(reference);
      else result.wrongSize.push({ ...reference, stored: size });
    }
    return result;
  };
}
