import type { MissingReferencesRule } from "./config.ts";
import { Unreadable, quoted } from "./unreadable.ts";

/** Holds where no other rule does. */
export const DEFAULT_RULE: MissingReferencesRule = { repositories: "**", allow: "index" };

/** A glob over repository names: whole components `**`, or lower-case components with `*` in them. */
export function parseRepositoryGlob(value: unknown): string {
  if (typeof value !== "string" || !/^[a-z0-9._*/-]+$/.test(value)) {
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

/** A list without a rule for every repository ends with the default one. */
export function withDefaultRule(rules: readonly MissingReferencesRule[]): MissingReferencesRule[] {
  return rules.some((rule) => rule.repositories === "**") ? [...rules] : [...rules, DEFAULT_RULE];
}
