import { useBerth } from "../frame/berth-context.ts";
import { when } from "../words/when.ts";

/** A moment as people say it; the exact one is in the tooltip. @param at ISO 8601; undefined: unknown */
export function RelativeTime({ at, unknown = "–" }: { at: string | undefined; unknown?: string }) {
  const { now } = useBerth();
  const time = at === undefined ? NaN : Date.parse(at);
  if (at === undefined || Number.isNaN(time)) return <span class="muted">{unknown}</span>;
  return (
    <time dateTime={at} title={new Date(time).toLocaleString()}>
      {/* What has just come may be newer than the page's clock. */}
      {when(time, time > now && time < Date.now() + 5_000 ? time : now)}
    </time>
  );
}
