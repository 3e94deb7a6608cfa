import { wordsOf } from "../api/fault.ts";
import { useBerth } from "../frame/berth-context.ts";
import { Icon } from "../parts/icon.tsx";

interface PinButtonProps {
  repository: string;
  name: string;
  pinned: boolean;
  onChange(): void;
}

/** Pinned tags are kept by every rule of retention. */
export function PinButton({ repository, name, pinned, onChange }: PinButtonProps) {
  const { api, say } = useBerth();
  const toggle = async () => {
    try {
      await api.change("POST", "/pins", { repository, tag: name, pinned: !pinned });
      say(pinned ? `Retention may remove ${name} again.` : `Retention will keep ${name}.`);
      onChange();
    } catch (error) {
      say(wordsOf(error));
    }
  };
  return (
    <button
      type="button"
      class="icon-button"
      aria-pressed={pinned}
      aria-label={`Pin ${name}`}
      title={pinned ? "Pinned: retention keeps it. Press to unpin" : "Pin: let retention keep it"}
      onClick={() => void toggle()}
    >
      <Icon name="pin" />
    </button>
  );
}
