import { query } from "../api/api.ts";
import { useBerth } from "../frame/berth-context.ts";
import { Dialog } from "../parts/dialog.tsx";
import { fieldText } from "../parts/field-text.ts";
import { focusHeading } from "../parts/focus-heading.ts";

/** What somebody wants to do to a tag, and is asked about first. */
export interface Asked {
  what: "delete" | "retag";
  name: string;
}

interface TagDialogsProps {
  repository: string;
  asked: Asked;
  onClose(done: boolean): void;
}

export function TagDialogs({ repository, asked: { what, name }, onClose }: TagDialogsProps) {
  const { api, say } = useBerth();
  if (what === "delete") {
    return (
      <Dialog
        title={`Delete tag ${name}?`}
        act={`Delete ${name}`}
        danger
        onClose={(done) => {
          onClose(done);
          // The button that asked goes with the tag.
          if (done) focusHeading();
        }}
        onAct={async () => {
          await api.change("DELETE", `/tags${query({ repository, tag: name })}`);
          say(`Tag ${name} was deleted. It can come back from removed tags.`);
        }}
      >
        <p>
          Clients can no longer pull{" "}
          <strong>
            {repository}:{name}
          </strong>
          . What it names stays for a while, and until then the tag can be brought back on the page of removed
          tags.
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={`Set another tag on ${name}`}
      act="Set the tag"
      onClose={onClose}
      onAct={async (fields) => {
        const to = fieldText(fields, "name");
        await api.change("POST", "/tags", { repository, tag: to, from: name });
        say(`Tag ${to} now names the same as ${name}.`);
      }}
    >
      <p>
        The new tag of <strong>{repository}</strong> names what <strong>{name}</strong> names now. A tag of
        that name that is there already is moved, if you may.
      </p>
      <label>
        New tag
        <input
          name="name"
          required
          pattern="[A-Za-z0-9_][A-Za-z0-9._\-]{0,127}"
          title="Letters, digits, _ . and -, at most 128, not beginning with . or -"
          autocapitalize="none"
          autocomplete="off"
          spellcheck={false}
        />
      </label>
    </Dialog>
  );
}
