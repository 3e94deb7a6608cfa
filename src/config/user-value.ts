import { quoted, Unreadable } from "./unreadable.ts";
import { reading } from "./values.ts";

/** `berth`, `berth:berth`, `1000:1000`: a user, and a group where it isn't the user's own. */
export function userAndGroup() {
  return reading((value) => {
    const text = typeof value === "number" ? String(value) : value;
    const name = "(?:[a-z_][a-z0-9_.-]{0,31}|\\d{1,9})";
    if (typeof text === "string" && new RegExp(`^${name}(?::${name})?$`, "i").test(text)) return text;
    throw new Unreadable(`${quoted(value)} is not a user; write NAME, NAME:GROUP or numbers`);
  });
}
