/** A bar that says what the number beside it says. A drawing, as the policy of the page forbids styles of elements. */
export function Share({ of, whole, tone }: { of: number; whole: number; tone?: "warn" | "bad" | undefined }) {
  const part = whole > 0 ? Math.min(1, of / whole) * 100 : 0;
  return (
    <svg class="share" data-tone={tone} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="share-whole" width="100" height="6" />
      <rect class="share-part" width={Math.max(part, of > 0 ? 0.8 : 0)} height="6" />
    </svg>
  );
}
