import type { ManifestView } from "#core/web/views.ts";
import { DigestText } from "../parts/digest-text.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { repositoryPath } from "../route/place.ts";
import { bytes } from "../words/bytes.ts";

/** Signatures, SBOMs and the like that say they are about this manifest. */
export function Referrers({
  manifest: { repository, referrers },
  of,
}: {
  manifest: ManifestView;
  of?: string;
}) {
  if (referrers.length === 0) return null;
  const title = of === undefined ? "About it" : `About ${of}`;
  return (
    <section>
      <h2>{title}</h2>
      <p class="muted">Signatures, SBOMs and the like that name it as their subject.</p>
      <Table
        caption={title}
        columns={[
          { title: "What" },
          { title: "Kind" },
          { title: "Size", numeric: true },
          { title: "Digest" },
        ]}
      >
        {referrers.map(({ digest, kind, artifactType, size, annotations }) => (
          <Row key={digest}>
            <RowHead>
              {kind}
              {annotations["org.opencontainers.image.title"] !== undefined && (
                <span class="muted small"> {annotations["org.opencontainers.image.title"]}</span>
              )}
            </RowHead>
            <Cell of="Kind">
              <code class="step">{artifactType ?? "–"}</code>
            </Cell>
            <Cell of="Size" numeric>
              {bytes(size)}
            </Cell>
            <Cell of="Digest">
              <DigestText digest={digest} to={repositoryPath(repository, { digest })} />
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  );
}
