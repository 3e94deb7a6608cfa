import { Unreadable, quoted } from "./unreadable.ts";

/** A glob over repository names: whole components `**`, or lower-case components with `*` or `?` in them. */
export function parseRepositoryGlob(value: unknown): string {
  if (typeof value !== "string" || !/^[a-z0-9._*?/-]+$/.test(value)) {
    throw new Unreadable(
      `${quoted(value)} is not a pattern of repository names; write such as "team/*" or "**"`,
    );
  }
  for (const component of value.split("/")) {
    if (component === "") throw new Unreadable(`${quoted(value)} has an empty component`);
    if (component !== "**" && component.includes("**")) {
      throw new Unreadable(`${quoted(value)}: ** stands alone between slashes, such as "team/**"`);
    }
  }
  return value;
}

/** A glob over tags: `*` any text, `?` one character. */
export function parseTagGlob(value: unknown): string {
  if (typeof value === "string" && /^[a-zA-Z0-9._*?-]{1,128}$/.test(value)) return value;
  throw new Unreadable(`${quoted(value)} is not a pattern of tags; write such as "v*" or "*"`);
}
