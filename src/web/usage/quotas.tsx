import type { UsageView } from "#core/web/views.ts";
import { Share } from "../parts/share.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { bytes } from "../words/bytes.ts";
import { number } from "../words/count.ts";
import { tone } from "./tone.ts";

/** How full each quota is. */
export function Quotas({ quotas }: { quotas: UsageView["quotas"] }) {
  return (
    <section>
      <h2>Quotas</h2>
      <Table
        caption="Quotas"
        columns={[{ title: "Quota" }, { title: "For" }, { title: "Bytes" }, { title: "Tags" }]}
      >
        {quotas.map((quota) => (
          <Row key={`${quota.name} ${quota.of}`}>
            <RowHead>{quota.name}</RowHead>
            <Cell of="For">{quota.of}</Cell>
            <Cell of="Bytes">
              <Used used={quota.used.bytes} allowed={quota.bytes} words={bytes} />
            </Cell>
            <Cell of="Tags">
              <Used used={quota.used.tags} allowed={quota.tags} words={number} />
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  );
}

interface UsedProps {
  used: number;
  /** Undefined: as much as they like. */
  allowed: number | undefined;
  words(of: number): string;
}

function Used({ used, allowed, words }: UsedProps) {
  if (allowed === undefined) return <span class="muted">{words(used)}, no limit</span>;
  return (
    <span class="stacked">
      <span>
        {words(used)} of {words(allowed)}
        {used >= allowed && <span class="mark bad">full</span>}
      </span>
      <Share of={used} whole={allowed} tone={tone(used, allowed)} />
    </span>
  );
}
