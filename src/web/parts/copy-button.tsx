import { useBerth } from "../frame/berth-context.ts";
import { copyText } from "./copy-text.ts";
import { Icon } from "./icon.tsx";

interface CopyButtonProps {
  text: string;
  /** What is copied, as in "Copy the digest". */
  what: string;
  /** Shown beside the icon; otherwise there is only the icon. */
  words?: string;
}

export function CopyButton({ text, what, words }: CopyButtonProps) {
  const { say } = useBerth();
  return (
    <button
      type="button"
      class={words === undefined ? "icon-button" : "button"}
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={() =>
        void copyText(text).then((copied) =>
          say(copied ? `Copied: ${text}` : `The browser forbids copying. It is: ${text}`),
        )
      }
    >
      <Icon name="copy" />
      {words}
    </button>
  );
}
