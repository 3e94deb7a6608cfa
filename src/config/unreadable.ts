/** Thrown by the readers of single values; the message ends the sentence "KEY: …" and says what to write. */
export class Unreadable extends Error {
  override name = "Unreadable";
}

/** A value as a message shows it: short, on one line, in double quotes when it is text. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
