/** Puts focus where the view begins: for when what had it is no longer there. */
export function focusHeading(): void {
  document.querySelector<HTMLElement>("main h1")?.focus();
}
