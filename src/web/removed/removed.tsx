import { useState } from "preact/hooks";
import type { RemovedTagView } from "#core/web/views.ts";
import { wordsOf } from "../api/fault.ts";
import { usePages } from "../api/use-pages.ts";
import { useBerth } from "../frame/berth-context.ts";
import { DigestText } from "../parts/digest-text.tsx";
import { Empty } from "../parts/empty.tsx";
import { FaultNote } from "../parts/fault-note.tsx";
import { focusHeading } from "../parts/focus-heading.ts";
import { Heading } from "../parts/heading.tsx";
import { More } from "../parts/more.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { Cell, Row, RowHead, Table } from "../parts/table.tsx";
import { Link } from "../route/link.tsx";
import { repositoryPath } from "../route/place.ts";

/** Tags that were removed lately, and the way back. */
export function Removed() {
  const { items, fault, loading, more, reload } = usePages<RemovedTagView>("/removed-tags", {});
  return (
    <>
      <Heading title="Removed tags" />
      {fault && <FaultNote fault={fault} retry={reload} />}
      {items.length > 0 && (
        <Table
          caption="Removed tags"
          columns={[
            { title: "Tag" },
            { title: "Removed" },
            { title: "By" },
            { title: "Gone for good" },
            { title: "Digest" },
            { title: "Actions", silent: true },
          ]}
        >
          {items.map((tag) => (
            <RemovedRow key={tag.id} tag={tag} onChange={reload} />
          ))}
        </Table>
      )}
      {items.length === 0 && !loading && !fault && (
        <Empty title="No tag was removed lately.">
          <p>Tags that people or retention remove wait here for a while, and can be brought back.</p>
        </Empty>
      )}
      <More more={more} loading={loading} />
    </>
  );
}

function RemovedRow({ tag, onChange }: { tag: RemovedTagView; onChange: () => void }) {
  const { api, say } = useBerth();
  const [busy, setBusy] = useState(false);
  const name = `${tag.repository}:${tag.name}`;
  const restore = async () => {
    setBusy(true);
    try {
      await api.change("POST", `/removed-tags/${tag.id}/restore`);
      say(`${name} is back.`);
      focusHeading();
      onChange();
    } catch (error) {
      say(wordsOf(error));
      setBusy(false);
    }
  };
  return (
    <Row>
      <RowHead>
        <span>
          <Link to={repositoryPath(tag.repository)}>{tag.repository}</Link>:{tag.name}
        </span>
      </RowHead>
      <Cell of="Removed">
        <RelativeTime at={tag.removedAt} />
      </Cell>
      <Cell of="By">
        {/* "retention rule builds"; of a person it is the rule that let them, which tells nobody anything here. */}
        {tag.removedBy === "retention" && tag.rule !== "" ? tag.rule : tag.removedBy}
      </Cell>
      <Cell of="Gone for good">
        <RelativeTime at={tag.until} />
      </Cell>
      <Cell of="Digest">
        <DigestText digest={tag.digest} />
      </Cell>
      <Cell of="">
        <button
          type="button"
          class="button"
          aria-label={`Restore ${name}`}
          disabled={busy}
          onClick={() => void restore()}
        >
          Restore
        </button>
      </Cell>
    </Row>
  );
}
