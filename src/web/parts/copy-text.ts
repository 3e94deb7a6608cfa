/** Puts text on the clipboard. @returns whether it is there */
export async function copyText(text: string): Promise<boolean> {
  // Only there over https and on localhost.
  const clipboard = (navigator as Partial<Navigator>).clipboard;
  try {
    await clipboard?.writeText(text);
    if (clipboard) return true;
  } catch {
    // Not allowed; the old way asks nobody.
  }
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "off-screen";
  // Inside an open dialog everything else is inert.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  try {
    // Deprecated, and the only way on plain http.
    return document.execCommand("copy");
  } finally {
    field.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  }
}
