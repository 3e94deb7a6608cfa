import { useCallback, useState } from "preact/hooks";
import type { TagsView, TagView } from "#core/web/views.ts";
import { usePages } from "../api/use-pages.ts";
import { useBerth } from "../frame/berth-context.ts";
import { CommandLine } from "../parts/command-line.tsx";
import { Empty } from "../parts/empty.tsx";
import { FaultNote } from "../parts/fault-note.tsx";
import { Heading } from "../parts/heading.tsx";
import { More } from "../parts/more.tsx";
import { SearchField } from "../parts/search-field.tsx";
import { Table } from "../parts/table.tsx";
import { Link } from "../route/link.tsx";
import { repositoryPath } from "../route/place.ts";
import { foldSignatures } from "./fold-signatures.ts";
import { TagDialogs, type Asked } from "./tag-dialogs.tsx";
import { TagRow } from "./tag-row.tsx";

const nothing = { push: false, overwrite: false, delete: false };

/** The tags of one repository. */
export function Tags({ repository }: { repository: string }) {
  const { place, session } = useBerth();
  const contains = place.search.get("contains") ?? "";
  const { items, page, fault, loading, more, reload } = usePages<TagView, TagsView>("/tags", {
    repository,
    contains,
  });
  const [asked, setAsked] = useState<Asked>();
  const answered = useCallback(
    (done: boolean) => {
      setAsked(undefined);
      if (done) reload();
    },
    [reload],
  );
  const may = page?.may ?? nothing;
  return (
    <>
      <p class="crumbs">
        <Link to="/">Repositories</Link>
      </p>
      <Heading title={repository} aside={<SearchField label="Filter tags" />} />
      {fault && <FaultNote fault={fault} retry={reload} />}
      {items.length > 0 && (
        <Table
          caption={`Tags of ${repository}`}
          columns={[
            { title: "Tag" },
            { title: "Size", numeric: true },
            { title: "Platforms" },
            { title: "Pushed" },
            { title: "Pulled" },
            { title: "Digest" },
            { title: "Actions", silent: true },
          ]}
        >
          {foldSignatures(items).map((tag) => (
            <TagRow
              key={tag.name}
              repository={repository}
              tag={tag}
              may={may}
              ask={setAsked}
              onChange={reload}
            />
          ))}
        </Table>
      )}
      {items.length === 0 && !loading && !fault && contains !== "" && (
        <Empty title={`No tag of ${repository} contains “${contains}”.`}>
          <Link to={repositoryPath(repository)}>All tags</Link>
        </Empty>
      )}
      {items.length === 0 && !loading && !fault && contains === "" && (
        <Empty title="This repository has no tag.">
          <p>
            What was deleted lately may come back from <Link to="/removed">removed tags</Link>. To push one:
          </p>
          <CommandLine text={`docker push ${session.host}/${repository}:latest`} />
        </Empty>
      )}
      <More more={more} loading={loading} />
      {asked && <TagDialogs repository={repository} asked={asked} onClose={answered} />}
    </>
  );
}
