import type { ManifestView } from "#core/web/views.ts";
import { Pairs } from "../parts/pairs.tsx";
import { ImageConfig } from "./image-config.tsx";
import { Layers } from "./layers.tsx";

/** What a manifest holds itself: layers with the steps that made them, how it runs, what is noted on it. */
export function ManifestParts({ manifest, of }: { manifest: ManifestView; of?: string }) {
  const annotations = Object.entries(manifest.annotations);
  const suffix = of === undefined ? "" : ` of ${of}`;
  return (
    <>
      {manifest.layers.length > 0 && <Layers manifest={manifest} title={`Layers${suffix}`} />}
      {manifest.image && <ImageConfig image={manifest.image} title={`Configuration${suffix}`} />}
      {annotations.length > 0 && (
        <section>
          <h2>Annotations{suffix}</h2>
          <Pairs of={annotations} caption={`Annotations${suffix}`} />
        </section>
      )}
    </>
  );
}
