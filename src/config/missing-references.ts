import type { MissingReferencesRule } from "./config.ts";

/** Holds where no other rule does. */
export const DEFAULT_RULE: MissingReferencesRule = { repositories: "**", allow: "index" };

/** A list without a rule for every repository ends with the default one. */
export function withDefaultRule(rules: readonly MissingReferencesRule[]): MissingReferencesRule[] {
  return rules.some((rule) => rule.repositories === "**") ? [...rules] : [...rules, DEFAULT_RULE];
}
