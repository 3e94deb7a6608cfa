import { CopyButton } from "./copy-button.tsx";

/** A command to copy. */
export function CommandLine({ text, what = "the command" }: { text: string; what?: string }) {
  return (
    <div class="command">
      {/* May be longer than the line is wide; then it scrolls, and keys must reach it. */}
      <code tabIndex={0} role="group" aria-label={what}>
        {text}
      </code>
      <CopyButton text={text} what={what} />
    </div>
  );
}
