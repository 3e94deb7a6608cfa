import { useEffect, useRef } from "preact/hooks";
import type { ContainerView } from "#core/web/views.ts";
import { useLogs } from "./use-logs.ts";

/** What a container says, as it says it. Follows the end until somebody scrolls up. */
export function Logs({ container, onClose }: { container: ContainerView; onClose: () => void }) {
  const { lines, state } = useLogs(container.id);
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  return (
    <section>
      <div class="heading">
        <h2>Logs of {container.name}</h2>
        <div class="buttons">
          <p class="live" data-on={state === "live" ? "" : undefined}>
            {state === "live" ? "Live" : state === "ended" ? "Ended" : "Not connected"}
          </p>
          <button type="button" class="button" onClick={onClose}>
            Close the logs
          </button>
        </div>
      </div>
      <pre
        class="logs"
        ref={box}
        role="log"
        aria-live="off"
        aria-label={`Logs of ${container.name}`}
        tabIndex={0}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {lines.map(({ id, text }) => (
          <span key={id}>{`${text}\n`}</span>
        ))}
      </pre>
    </section>
  );
}
