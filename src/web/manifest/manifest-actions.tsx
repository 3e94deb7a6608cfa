import type { ManifestView } from "#core/web/views.ts";
import { useBerth } from "../frame/berth-context.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import type { Asked } from "../tags/tag-dialogs.tsx";

interface ManifestActionsProps {
  manifest: ManifestView;
  /** Tag or digest, as it was asked for. */
  reference: string;
  ask(what: Asked["what"]): void;
}

export function ManifestActions({ manifest, reference, ask }: ManifestActionsProps) {
  const { session } = useBerth();
  const isDigest = reference.includes(":");
  const name = `${session.host}/${manifest.repository}${isDigest ? "@" : ":"}${reference}`;
  return (
    <div class="buttons">
      <CopyButton text={`docker pull ${name}`} what="pull command" words="Copy pull command" />
      {manifest.may.push && (
        <button type="button" class="button" onClick={() => ask("retag")}>
          Set another tag
        </button>
      )}
      {manifest.may.delete && !isDigest && (
        <button type="button" class="button danger" onClick={() => ask("delete")}>
          Delete tag
        </button>
      )}
    </div>
  );
}
