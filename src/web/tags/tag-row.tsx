import type { TagsView } from "#core/web/views.ts";
import { useBerth } from "../frame/berth-context.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { DigestText } from "../parts/digest-text.tsx";
import { Icon } from "../parts/icon.tsx";
import { RelativeTime } from "../parts/relative-time.tsx";
import { Cell, Row, RowHead } from "../parts/table.tsx";
import { Link } from "../route/link.tsx";
import { repositoryPath } from "../route/place.ts";
import { bytes } from "../words/bytes.ts";
import { count } from "../words/count.ts";
import { companionWords } from "./companion-words.ts";
import type { FoldedTag } from "./fold-signatures.ts";
import { PinButton } from "./pin-button.tsx";
import type { Asked } from "./tag-dialogs.tsx";

interface TagRowProps {
  repository: string;
  tag: FoldedTag;
  may: TagsView["may"];
  ask(what: Asked): void;
  onChange(): void;
}

export function TagRow({ repository, tag, may, ask, onChange }: TagRowProps) {
  const { session } = useBerth();
  const { name, digest, platforms = [] } = tag;
  return (
    <Row>
      <RowHead>
        <Link to={repositoryPath(repository, { tag: name })}>{name}</Link>
        {tag.pinned && <span class="mark">pinned</span>}
        {tag.immutable && <span class="mark">immutable</span>}
        {tag.companions.map((companion) => (
          <Link
            key={companion.name}
            class="mark"
            to={repositoryPath(repository, { tag: companion.name })}
            label={`${companionWords(companion.name)} of ${name}`}
          >
            {companionWords(companion.name)}
          </Link>
        ))}
      </RowHead>
      <Cell of="Size" numeric>
        {bytes(tag.size)}
      </Cell>
      <Cell of="Platforms">
        {platforms.length === 0 ? <span class="muted">–</span> : <Platforms names={platforms} />}
      </Cell>
      <Cell of="Pushed">
        <RelativeTime at={tag.pushedAt} />
      </Cell>
      <Cell of="Pulled">
        <span title={count(tag.pulls, "pull")}>
          <RelativeTime at={tag.pulledAt} unknown="never" />
        </span>
      </Cell>
      <Cell of="Digest">
        <DigestText digest={digest} />
      </Cell>
      <Cell of="">
        <span class="buttons">
          <CopyButton
            text={`docker pull ${session.host}/${repository}:${name}`}
            what={`the pull command of ${name}`}
            words="Pull"
          />
          {may.delete && (
            <PinButton repository={repository} name={name} pinned={tag.pinned} onChange={onChange} />
          )}
          {may.push && (
            <button
              type="button"
              class="icon-button"
              aria-label={`Set another tag on ${name}`}
              title="Set another tag on it"
              onClick={() => ask({ what: "retag", name })}
            >
              <Icon name="retag" />
            </button>
          )}
          {may.delete && (
            <button
              type="button"
              class="icon-button"
              aria-label={`Delete tag ${name}`}
              title="Delete the tag"
              onClick={() => ask({ what: "delete", name })}
            >
              <Icon name="delete" />
            </button>
          )}
        </span>
      </Cell>
    </Row>
  );
}

/** The first ones, and how many more there are. */
function Platforms({ names }: { names: string[] }) {
  const shown = names.length > 3 ? names.slice(0, 2) : names;
  const rest = names.slice(shown.length);
  return (
    <span class="platforms">
      {shown.map((name) => (
        <span key={name} class="mark plain" title={name}>
          {name.replace(/^linux\//, "")}
        </span>
      ))}
      {rest.length > 0 && <span title={rest.join(", ")}>and {rest.length} more</span>}
    </span>
  );
}
