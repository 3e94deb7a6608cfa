/** For what doesn't come by itself. */
export function LookAgain({ loading, reload }: { loading: boolean; reload(): void }) {
  return (
    <button type="button" class="button" disabled={loading} onClick={reload}>
      Look again
    </button>
  );
}
