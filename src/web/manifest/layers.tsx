import type { ManifestView } from "#core/web/views.ts";
import { DigestText } from "../parts/digest-text.tsx";
import { Share } from "../parts/share.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { bytes } from "../words/bytes.ts";
import { count } from "../words/count.ts";
import { stepsOf } from "./steps.ts";

/** Layers and the steps that made them, oldest first, each with its share of the whole. */
export function Layers({ manifest, title }: { manifest: ManifestView; title: string }) {
  const whole = manifest.layers.reduce((sum, { size }) => sum + size, 0);
  return (
    <section>
      <h2>{title}</h2>
      <p class="muted">
        {count(manifest.layers.length, "layer")}, {bytes(whole)}. The oldest comes first.
      </p>
      <Table
        caption={title}
        columns={[
          { title: "Made by" },
          { title: "Size", numeric: true },
          { title: "Share" },
          { title: "Digest" },
        ]}
      >
        {stepsOf(manifest).map(({ command, comment, layer }, index) => (
          <Row key={index} quiet={layer === undefined}>
            <RowHead>
              <code class="step">{command === "" ? (layer?.mediaType ?? "") : command}</code>
              {comment !== undefined && <span class="muted small"> {comment}</span>}
            </RowHead>
            <Cell of={layer === undefined ? "" : "Size"} numeric>
              {layer === undefined ? <span class="muted">no layer</span> : bytes(layer.size)}
            </Cell>
            <Cell of={layer === undefined ? "" : "Share"}>
              {layer && (
                <span class="bar-line">
                  <Share of={layer.size} whole={whole} />
                  <span class="numeric">{percent(layer.size, whole)}</span>
                </span>
              )}
            </Cell>
            <Cell of={layer === undefined ? "" : "Digest"}>
              {layer && <DigestText digest={layer.digest} />}
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  );
}

function percent(of: number, whole: number): string {
  const part = whole === 0 ? 0 : (of / whole) * 100;
  return part > 0 && part < 1 ? "< 1 %" : `${Math.round(part)} %`;
}
