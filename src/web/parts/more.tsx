/** The foot of a list that comes page by page. */
export function More({ more, loading }: { more: (() => void) | undefined; loading: boolean }) {
  if (loading) return <p class="muted foot">Loading…</p>;
  if (!more) return null;
  return (
    <p class="foot">
      <button type="button" class="button" onClick={more}>
        Show more
      </button>
    </p>
  );
}
